/**
 * Colours and widths of terminal text.
 *
 * Colours appear only on a terminal, and never with NO_COLOR set (https://no-color.org).
 *
 * @module
 */

/** Something to write to, such as `process.stdout`. */
export interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Columns of `terminal`; 80 where it does not say, as pseudo-terminals without a size do. */
export function terminalWidth(terminal: Terminal): number {
  const { columns = 0 } = terminal;
  return columns >= 20 ? columns : 80;
}

/** Functions that colour a text, or leave it as it is. */
export interface TerminalStyle {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  blue(text: string): string;
  cyan(text: string): string;
}

/** Colours when `enabled`. */
export function terminalStyle(enabled: boolean): TerminalStyle {
  const paint = (open: number, close: number) => (text: string) =>
    enabled ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    blue: paint(34, 39),
    cyan: paint(36, 39),
  };
}

/** The style for `terminal`, by the rules of the module header. */
export function styleFor(
  terminal: Terminal,
  env: Readonly<Record<string, string | undefined>>,
): TerminalStyle {
  return terminalStyle(terminal.isTTY === true && (env.NO_COLOR ?? "") === "");
}

const ASCII = /^[\x20-\x7e]*$/;
/** East Asian wide and emoji ranges, as terminals draw them. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const ZERO_WIDTH = /[\p{M}\u200b-\u200f\ufe00-\ufe0f]/u;

/** Columns that `text` takes on a terminal. Control characters are not expected. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** `text` cut to `width` columns; an ellipsis takes the last one when something was cut. */
export function cutToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let cut = "";
  let used = 0;
  for (const character of text) {
    const next = characterWidth(character);
    if (used + next > width - 1) break;
    cut += character;
    used += next;
  }
  return width > 0 ? `${cut}…` : "";
}

/** `text` with its control characters made visible, so that data cannot steer the terminal. */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is replaced here
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (character) => CONTROL_NAMES[character] ?? "·");
}

const CONTROL_NAMES: Readonly<Record<string, string>> = { "\n": "↵", "\t": "→", "\r": "" };
