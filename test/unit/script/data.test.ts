import { describe, expect, it } from "vitest";
import { Recorder } from "../../../src/engine/recorder.ts";
import { dataFileOf, openOf, sharedArrayOf } from "../../../src/script/data.ts";
import { DataFiles } from "../../../src/script/data-files.ts";
import { TagScope } from "../../../src/script/tag-scope.ts";
import { VuState } from "../../../src/script/vu-state.ts";
import { workerSettings } from "../../support/worker-settings.ts";

interface Setting {
  readonly scenario?: string;
  readonly scenarios?: readonly string[];
  readonly vu?: number;
}

/** One worker with these files: how often each was fetched, and its VUs. */
function workerWith(texts: Readonly<Record<string, string>>) {
  const fetched: string[] = [];
  const files = new DataFiles((name) => {
    fetched.push(name);
    return new TextEncoder().encode(texts[name] ?? "");
  });
  const vu = ({ scenario = "a", scenarios = ["a"], vu: idInTest = 1 }: Setting = {}) => {
    const recorder = new Recorder("w", {}, { elapsedUs: () => 0 });
    const sink = { nowUs: () => 0, series: recorder.series.bind(recorder), add: recorder.add.bind(recorder) };
    const settings = workerSettings({ sink, files, scenarios });
    const identity = { idInTest, idInInstance: 1, scenario, executor: "" as const, scenarioStartMs: 0 };
    const state = new VuState(settings, identity, new TagScope(sink, {}));
    const iterate = (index: number) => {
      state.phase = "iteration";
      state.iterationInTest = index;
      state.random.atIteration(index);
    };
    return {
      state,
      iterate,
      open: openOf(state),
      dataFile: dataFileOf(state),
      SharedArray: sharedArrayOf(state),
    };
  };
  return { fetched, vu };
}

/** The records of one file. */
const recordsOf = (name: string, text: string, options = {}) =>
  workerWith({ [name]: text })
    .vu()
    .dataFile<unknown>(name, options).items;

describe("a data file", () => {
  it.each<[string, string, object, readonly unknown[]]>([
    [
      "users.csv",
      "name,pw\nada,x\nbob,y\n",
      {},
      [
        { name: "ada", pw: "x" },
        { name: "bob", pw: "y" },
      ],
    ],
    ["users.CSV", "\ufeffname;pw\nada;x\n", { delimiter: ";" }, [{ name: "ada", pw: "x" }]],
    ["users.csv", "ada,x\n", { columns: ["name", "pw"] }, [{ name: "ada", pw: "x" }]],
    ["users.tsv", "name\tpw\nada\tx\n", {}, [{ name: "ada", pw: "x" }]],
    ["ids.json", '[1, { "a": [2] }]', {}, [1, { a: [2] }]],
    ["ids.ndjson", '1\n\n{"a":2}\n', {}, [1, { a: 2 }]],
    ["ids.txt", "a\r\nb b\n", {}, ["a", "b b"]],
  ])("%s gives its records", (name, text, options, records) => {
    expect(recordsOf(name, text, options)).toEqual(records);
  });

  it.each<[string, string, string, number, number]>([
    ["a.csv", "", "the file is empty", 1, 1],
    ["a.csv", "name,pw\n", "the file has no records", 1, 1],
    ["a.csv", "name,pw\nada,x\n\nbob\n", "the row has 1 field, but there are 2 columns", 4, 1],
    ["a.csv", "name,name\nada,x\n", 'the column "name" is there twice', 1, 1],
    ["a.csv", 'name\n"ada', "a quoted field begins here and never ends", 2, 1],
    ["a.json", "{}", "the file must hold a list: [ … ]", 1, 1],
    ["a.json", "[1,\n 2,\n oops]", "the file is not JSON: Unexpected token 'o'", 3, 2],
    ["a.json", "[1,\n 2", "the file is not JSON: ", 2, 3],
    ["a.json", `[${"1,\n".repeat(500)}nil]`, "the file is not JSON: Unexpected token 'i'", 501, 2],
    ["a.ndjson", '1\n{"a":\n', "the file is not JSON: ", 2, 6],
  ])("%s with %j is refused with its place", (name, text, message, line, column) => {
    const at = { file: name, line, column };
    const said = expect.stringContaining(message) as string;
    expect(() => recordsOf(name, text)).toThrow(expect.objectContaining({ message: said, at }));
  });

  it("of another kind is refused, and says which kinds there are", () => {
    expect(() => recordsOf("a.xml", "<a/>")).toThrow(
      'dataFile("a.xml"): its name must end in one of .csv, .tsv',
    );
  });

  it("is fetched and read once, and frozen, for all VUs and all spellings of its name", () => {
    const worker = workerWith({ "users.csv": "name\nada\n" });
    const first = worker.vu().dataFile("./users.csv");
    const second = worker.vu({ vu: 2 }).dataFile("users.csv");
    expect(second.items).toBe(first.items);
    expect(worker.fetched).toEqual(["users.csv"]);
    expect(Object.isFrozen(first.items[0])).toBe(true);
    expect([...first, first.at(-1), first.length]).toEqual([{ name: "ada" }, { name: "ada" }, 1]);
  });
});

describe("items", () => {
  const five = { "n.json": "[0, 1, 2, 3, 4]" };

  it("are unique by the iteration's global index, until there are no more", () => {
    const vu = workerWith(five).vu();
    const file = vu.dataFile<number>("n.json");
    const drawn = [3, 0, 4].map((index) => {
      vu.iterate(index);
      return [file.unique(), file.unique()];
    });
    expect(drawn).toEqual([
      [3, 3],
      [0, 0],
      [4, 4],
    ]);
    vu.iterate(5);
    expect(() => file.unique()).toThrow(
      'n.json has 5 items and none left for iteration 5 of scenario "a": use a longer file, fewer iterations, or { atEnd: "repeat" }',
    );
    expect(file.unique({ atEnd: "repeat" })).toBe(0);
  });

  it("are dealt out to scenarios in turn, or to those that are named", () => {
    const worker = workerWith(five);
    const drawnBy = (scenario: string, options = {}) => {
      const vu = worker.vu({ scenario, scenarios: ["a", "b"] });
      const file = vu.dataFile<number>("n.json", options);
      return [0, 1].map((index) => {
        vu.iterate(index);
        return file.unique();
      });
    };
    expect([drawnBy("a"), drawnBy("b")]).toEqual([
      [0, 2],
      [1, 3],
    ]);
    expect(drawnBy("b", { scenarios: ["b"] })).toEqual([0, 1]);
    expect(() => drawnBy("a", { scenarios: ["b"] })).toThrow('dealt out to b only, this is scenario "a"');
    expect(() => drawnBy("a", { scenarios: ["c"] })).toThrow('dataFile("n.json"): there is no scenario "c"');
  });

  it("are each VU's own by its number", () => {
    const worker = workerWith(five);
    expect([2, 5].map((vu) => worker.vu({ vu }).dataFile("n.json").forVu())).toEqual([1, 4]);
    expect(() => worker.vu({ vu: 6 }).dataFile("n.json").forVu()).toThrow(
      "n.json has 5 items and none left for VU 6",
    );
    expect(() => worker.vu({ vu: 0 }).dataFile("n.json").forVu()).toThrow("works in a VU only");
  });

  it("are drawn by chance the same way again", () => {
    const draw = () => {
      const vu = workerWith(five).vu();
      const file = vu.dataFile<number>("n.json");
      vu.iterate(7);
      return [file.random(), file.random(), file.random()];
    };
    expect(draw()).toEqual(draw());
  });

  it("are not unique outside of iterations", () => {
    expect(() => workerWith(five).vu().dataFile("n.json").unique()).toThrow("works in an iteration only");
  });
});

describe("k6's ways to read", () => {
  it("open() gives text, or bytes", () => {
    const { open } = workerWith({ "a.bin": "\ufeffé" }).vu();
    expect(open("a.bin")).toBe("\ufeffé");
    expect([...new Uint8Array(open("a.bin", "b") as ArrayBuffer)]).toEqual([0xef, 0xbb, 0xbf, 0xc3, 0xa9]);
    expect(() => open("a.bin", "r")).toThrow('open("a.bin", "r"): the mode is "b" or nothing');
    expect(() => open("https://x.example/a.csv")).toThrow("give the path of a file, not a URL");
    expect(() => open(undefined)).toThrow("open(undefined): give the path of a file");
  });

  it("SharedArray asks once per worker, and gives everyone the same frozen list", () => {
    const worker = workerWith({});
    let asked = 0;
    const make = () => [{ asked: ++asked }];
    const [first, second] = [worker.vu(), worker.vu()].map(
      ({ SharedArray }) => new SharedArray("users", make),
    );
    expect(second).toBe(first);
    expect([first?.[0], asked, Object.isFrozen(first?.[0])]).toEqual([{ asked: 1 }, 1, true]);
    const { SharedArray } = worker.vu();
    expect(() => new SharedArray("text", () => "no" as unknown as [])).toThrow("must return an array");
  });

  it("work in module scope only", () => {
    const { dataFile, iterate, open, SharedArray } = workerWith({ "a.txt": "a" }).vu();
    iterate(0);
    expect(() => open("a.txt")).toThrow("open() reads a file, which only works in module scope");
    expect(() => dataFile("a.txt")).toThrow("dataFile() reads a file, which only works in module scope");
    expect(() => new SharedArray("a", () => [])).toThrow("new SharedArray() reads a file");
  });
});
