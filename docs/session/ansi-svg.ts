/**
 * A screen of a terminal as an SVG picture: its characters on a grid, in the colours that its ANSI codes ask for. Pure;
 * it has its own dark ground and frame, and so looks the same on a light page and on a dark one.
 */
const CELL = { width: 8.4, height: 18 } as const;
const MARGIN = 20;
const GROUND = "#16181d";
const TEXT = "#d7dae0";
const FRAME = "#3a3f4b";

/** The sixteen colours: black, red, green, yellow, blue, magenta, cyan, white, and the bright ones. */
const COLOURS = (
  "#5c6370 #e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 #d7dae0 " +
  "#7f848e #ff7b86 #b1e38d #ffd78a #7cc4ff #dd8ff5 #6fd6e0 #ffffff"
).split(" ");

interface Style {
  readonly colour: string;
  readonly bold: boolean;
  readonly dim: boolean;
}

interface Piece extends Style {
  readonly column: number;
  readonly text: string;
}

const PLAIN: Style = { colour: TEXT, bold: false, dim: false };

/** The picture of a screen with ANSI codes, `title` being what those hear who cannot see it. */
export function svgOf(screen: string, title: string): string {
  let style = PLAIN;
  const rows = screen.split("\n").map((line) => {
    const { after, pieces } = piecesOf(line, style);
    style = after;
    return pieces;
  });
  const columns = Math.max(0, ...rows.flat().map(({ column, text }) => column + widthOf(text)));
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = rows.length * CELL.height + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">`,
    `<title>${escaped(title)}</title>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${GROUND}" stroke="${FRAME}"/>`,
    ...rows.flatMap((pieces, row) => pieces.map((piece) => textOf(piece, row))),
    "</svg>",
    "",
  ].join("\n");
}

/** Colours and such, text, and codes that move or erase, of which a captured screen has none left to obey. */
// oxlint-disable-next-line no-control-regex -- the codes of a terminal begin with one
const CODES = /\u001b\[([\d;]*)m|([^\u001b]+)|\u001b(?:\[[\d;?]*[A-Za-z]|[()].|.)/g;

/** A line's pieces, each in one style; blanks between them are not drawn. */
function piecesOf(line: string, before: Style): { readonly pieces: readonly Piece[]; readonly after: Style } {
  const pieces: Piece[] = [];
  let style = before;
  let column = 0;
  for (const [, codes, text = ""] of line.matchAll(CODES)) {
    if (codes !== undefined) style = styled(style, codes);
    for (const { 0: word, index } of text.matchAll(/\S+(?: \S+)*/g)) {
      pieces.push({ ...style, column: column + widthOf(text.slice(0, index)), text: word });
    }
    column += widthOf(text);
  }
  return { pieces, after: style };
}

function styled(before: Style, codes: string): Style {
  const numbers = codes.split(";").map(Number);
  let style = before;
  for (let at = 0; at < numbers.length; at += 1) {
    const code = numbers[at] ?? 0;
    if (code === 38 || code === 48) {
      const colour =
        numbers[at + 1] === 5 ? indexed(numbers[at + 2] ?? 7) : rgb(numbers.slice(at + 2, at + 5));
      if (code === 38) style = { ...style, colour };
      at += numbers[at + 1] === 5 ? 2 : 4;
    } else style = simple(style, code);
  }
  return style;
}

function simple(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 39) return { ...style, colour: TEXT };
  if (code >= 30 && code <= 37) return { ...style, colour: indexed(code - 30) };
  return code >= 90 && code <= 97 ? { ...style, colour: indexed(code - 82) } : style;
}

/** One of the 256 colours: sixteen, a cube of 6 × 6 × 6, and greys. */
function indexed(index: number): string {
  if (index < 16) return COLOURS[index] ?? TEXT;
  if (index > 231) return rgb(Array<number>(3).fill((index - 232) * 10 + 8));
  const step = (size: number) => Math.floor((index - 16) / size) % 6;
  return rgb([step(36), step(6), step(1)].map((value) => (value === 0 ? 0 : value * 40 + 55)));
}

const rgb = (values: readonly number[]): string =>
  `#${values.map((value) => value.toString(16).padStart(2, "0")).join("")}`;

/** In columns: a captured screen has no wide characters. */
const widthOf = (text: string): number => Array.from(text).length;

/** Its length is given, so that every font keeps to the grid. */
function textOf({ bold, colour, column, dim, text }: Piece, row: number): string {
  const x = (MARGIN + column * CELL.width).toFixed(1);
  const y = MARGIN + row * CELL.height + 14;
  const look = `${bold ? ' font-weight="bold"' : ""}${dim ? ' opacity="0.6"' : ""}`;
  const length = (widthOf(text) * CELL.width).toFixed(1);
  return `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs" fill="${colour}"${look}>${escaped(text)}</text>`;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
