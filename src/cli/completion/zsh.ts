/**
 * The completion of zsh, as one function that knows every word and its summary: a TAB starts no process. It may be
 * sourced, or lie as `_mesh` in a folder of fpath.
 */
import type { CommandWords } from "./command-words.ts";

export const zshCompletion = (commands: readonly CommandWords[]): string => `#compdef mesh
# zsh completion of mesh, made by: mesh completion zsh
_mesh() {
  local cur=\${words[CURRENT]} prev=\${words[CURRENT-1]} command="" next i
  local -a found
  if [[ $cur == --*=* ]]; then prev=\${cur%%=*}; compset -P '*='; fi
  for ((i = 2; i < CURRENT; i++)); do
    next="\${command:+$command }\${words[i]}"
    case "$next" in
    ${commands.map(({ name }) => `"${name}"`).join(" | ")}) command=$next ;;
    *) break ;;
    esac
  done
  case "$command $prev" in
${valueCases(commands)}
  esac
  if [[ $cur == -* ]]; then
    case "$command" in
    "") found=('--help:show the help' '--version:show the version') ;;
${flagCases(commands)}
    esac
    _describe -o 'flag' found
    return
  fi
  case "$command" in
  "") found=(${commands
    .filter(({ name }) => !name.includes(" "))
    .map(described)
    .join(" ")}) ;;
${argumentCases(commands)}
  *) _files && return ;;
  esac
  _describe 'word' found
}
if [[ \${funcstack[1]} == _mesh ]]; then _mesh "$@"; else compdef _mesh mesh; fi
`;

interface Word {
  readonly name: string;
  readonly summary: string;
}

/** In single quotes, where only these end them; a colon divides the word from its summary. */
const described = ({ name, summary }: Word): string =>
  `'${name.replaceAll(":", "\\:")}${summary === "" ? "" : `:${summary.replaceAll("'", "'\\''")}`}'`;

function valueCases(commands: readonly CommandWords[]): string {
  const cases = commands.flatMap(({ flags, name }) =>
    flags
      .filter(({ takesValue }) => takesValue)
      .map((flag) => {
        const answer = flag.values.length === 0 ? "_files" : `compadd -- ${flag.values.join(" ")}`;
        return `  "${name} ${flag.name}") ${answer}; return ;;`;
      }),
  );
  return cases.join("\n");
}

const flagCases = (commands: readonly CommandWords[]): string =>
  commands.map(({ flags, name }) => `    "${name}") found=(${flags.map(described).join(" ")}) ;;`).join("\n");

/** Commands whose argument is a file are left out. */
function argumentCases(commands: readonly CommandWords[]): string {
  return commands
    .flatMap(({ argument, name }) => {
      const below = commands
        .filter((other) => other.name.startsWith(`${name} `))
        .map((other) => ({ ...other, name: other.name.slice(name.length + 1) }));
      const words = [...below, ...(argument ?? []).map((word) => ({ name: word, summary: "" }))];
      return words.length === 0 && argument === undefined
        ? []
        : [`  "${name}") found=(${words.map(described).join(" ")}) ;;`];
    })
    .join("\n");
}
