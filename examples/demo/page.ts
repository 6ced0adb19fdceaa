/**
 * The page that the demo prints: numbered headings, notes, and checks that are counted.
 *
 * @module
 */
import type { Terminal, TerminalStyle } from "../../connectors/shell/terminal_style.ts";

/** Put before every line below a heading. */
export const INDENT = "  ";

/** See the module header. */
export class Page {
  readonly terminal: Terminal;
  readonly style: TerminalStyle;
  #headings = 0;
  #passed = 0;
  #failed = 0;

  constructor(terminal: Terminal, style: TerminalStyle) {
    this.terminal = terminal;
    this.style = style;
  }

  /** Checks that held. */
  get passed(): number {
    return this.#passed;
  }

  /** Checks that did not hold. */
  get failed(): number {
    return this.#failed;
  }

  /** Begins the next part. */
  heading(title: string, note: string): void {
    const { style } = this;
    this.#headings++;
    this.terminal.write(`\n${style.cyan(String(this.#headings))} ${style.bold(title)}\n`);
    this.terminal.write(`${INDENT}${style.dim(note)}\n\n`);
  }

  /** One line; an empty one by default. */
  line(text = ""): void {
    this.terminal.write(text === "" ? "\n" : `${INDENT}${text}\n`);
  }

  /** Text that has its line breaks and its indent. */
  text(text: string): void {
    this.terminal.write(text);
  }

  /** A line with the mark of a check, which is counted. */
  check(holds: boolean, text: string): void {
    const { style } = this;
    if (holds) this.#passed++;
    else this.#failed++;
    this.line(`${holds ? style.green("✓") : style.red("✗")} ${text}`);
  }
}
