/**
 * Runs seeds with one mutation in a process of its own: a module hook changes the source as it is loaded. Prints one
 * line of JSON: the first seed whose simulation breaks a law, and the laws that it breaks.
 */
import { registerHooks } from "node:module";
import { type Edit, MUTATIONS } from "./mutations.ts";

const [name = "", ...chosen] = process.argv.slice(2);
const mutation = MUTATIONS.find((each) => each.name === name);
if (mutation === undefined) throw new Error(`no mutation is called "${name}"`);

const ROOT = new URL("../../", import.meta.url);
const urlOf = ({ file }: Edit): string => new URL(file, ROOT).href;

/** The source with every edit of that file; each must find its place, once. */
function mutated(url: string, source: string): string {
  const edits = mutation?.edits.filter((edit) => urlOf(edit) === url) ?? [];
  return edits.reduce((text, { file, find, replace }) => {
    const places = text.split(find).length - 1;
    if (places !== 1)
      throw new Error(`mutation "${name}": its place is ${places} times in ${file}, not once:\n${find}`);
    return text.replace(find, () => replace);
  }, source);
}

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!mutation.edits.some((edit) => urlOf(edit) === url)) return loaded;
    return { ...loaded, source: mutated(url, Buffer.from(loaded.source as Uint8Array).toString()) };
  },
});

// Only now, so that the hook sees every file of the program.
const [{ judge }, { simulate }, { planOf }] = await Promise.all([
  import("./judge.ts"),
  import("./simulate.ts"),
  import("./swarm.ts"),
]);

const { shape = (plan) => plan } = mutation;
const seeds = chosen.length > 0 ? chosen.map(Number) : mutation.seeds;
let found: { seed: number; laws: readonly string[] } | undefined;
for (const seed of seeds) {
  const laws = [...new Set(judge(await simulate(seed, shape(planOf(seed)))).map(({ law }) => law))];
  if (!laws.some((law) => mutation.laws.includes(law))) continue;
  found = { seed, laws };
  break;
}
process.stdout.write(`${JSON.stringify(found ?? null)}\n`);
