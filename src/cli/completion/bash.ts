/**
 * The completion of bash, as one function that knows every word: a TAB starts no process and reads no file. Works on
 * bash 3.2, as macOS has it. Where a file may stand, bash itself completes (`-o default`).
 */
import type { CommandWords } from "./command-words.ts";

export const bashCompletion = (
  commands: readonly CommandWords[],
): string => `# bash completion of mesh, made by: mesh completion bash
_mesh() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command="" next words="" i
  # bash takes --flag=value apart at the =
  if [[ $cur == "=" ]]; then cur=""; elif [[ $prev == "=" ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${command:+$command }\${COMP_WORDS[i]}"
    case "$next" in
    ${commands.map(({ name }) => quoted(name)).join(" | ")}) command=$next ;;
    *) break ;;
    esac
  done
  case "$command $prev" in
${valueCases(commands)}
  esac
  if [[ $cur == -* ]]; then
    case "$command" in
    "") words="--help --version" ;;
${flagCases(commands)}
    esac
  else
    case "$command" in
    "") words=${quoted(topWords(commands).join(" "))} ;;
${argumentCases(commands)}
    *) COMPREPLY=() && return ;;
    esac
  fi
  compopt +o default +o bashdefault 2>/dev/null
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o bashdefault -o default -F _mesh mesh
`;

const quoted = (text: string): string => `"${text}"`;

const topWords = (commands: readonly CommandWords[]): readonly string[] =>
  commands.flatMap(({ name }) => (name.includes(" ") ? [] : [name]));

/** A flag that waits for its value: one of those there are, or whatever bash completes. */
function valueCases(commands: readonly CommandWords[]): string {
  const cases = commands.flatMap(({ flags, name }) => {
    const free = flags.filter(({ takesValue, values }) => takesValue && values.length === 0);
    const chosen = flags.filter(({ values }) => values.length > 0);
    return [
      ...chosen.map(
        (flag) =>
          `  "${name} ${flag.name}") COMPREPLY=($(compgen -W "${flag.values.join(" ")}" -- "$cur")) && return ;;`,
      ),
      ...(free.length === 0
        ? []
        : [`  ${free.map((flag) => quoted(`${name} ${flag.name}`)).join(" | ")}) COMPREPLY=() && return ;;`]),
    ];
  });
  return cases.join("\n");
}

const flagCases = (commands: readonly CommandWords[]): string =>
  commands
    .map(({ flags, name }) => `    "${name}") words="${flags.map((flag) => flag.name).join(" ")}" ;;`)
    .join("\n");

/** Commands whose argument is a file are left out, so that bash completes it. */
function argumentCases(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name);
  return commands
    .flatMap(({ argument, name }) => {
      const below = names
        .filter((other) => other.startsWith(`${name} `))
        .map((other) => other.slice(name.length + 1));
      const words = argument === undefined ? below : [...below, ...argument];
      return words.length === 0 && argument === undefined
        ? []
        : [`    "${name}") words="${words.join(" ")}" ;;`];
    })
    .join("\n");
}
