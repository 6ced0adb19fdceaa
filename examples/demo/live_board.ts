/**
 * The board of a live view: its top rows of today, redrawn in place on a terminal, and as plain lines elsewhere.
 *
 * ```text
 *   nation              lines          revenue     last second
 *   CHINA                 412    14,318,220.15      812,345.00 ━━━━━━━━━━━━━━━
 * ```
 *
 * The board knows the view only by its subscription: it adds up the changes.
 *
 * @module
 */
import { countText, shortCount } from "../../connectors/shell/measure_text.ts";
import { barText } from "../../connectors/shell/progress_bar.ts";
import { terminalWidth } from "../../connectors/shell/terminal_style.ts";
import type { Change } from "../../src/kernel/hooks.ts";
import { INDENT, type Page } from "./page.ts";

/** A row of the view. */
export interface RevenueRow {
  readonly nation: string;
  readonly day: Date;
  readonly lines: number;
  readonly revenue: number;
}

/** Facts about the stream that the board shows below the rows. */
export interface StreamFacts {
  readonly elapsedMs: number;
  readonly changes: number;
  readonly commits: number;
}

const ROWS_SHOWN = 8;
const NATIONS_IN_LINE = 3;
const BAR_WIDTH = 15;
/** A board is drawn in place only where none of its lines can wrap. */
const WIDTH_MIN = 80;

/** See the module header. */
export class LiveBoard {
  readonly #page: Page;
  readonly #inPlace: boolean;
  readonly #today: number;
  readonly #rows = new Map<string, RevenueRow>();
  #before = new Map<string, number>();
  #gained = new Map<string, number>();
  #second = 0;
  #drawnLines = 0;
  #rowsChanged = 0;

  constructor(page: Page, todayMs: number) {
    this.#page = page;
    this.#today = todayMs;
    this.#inPlace = page.terminal.isTTY === true && terminalWidth(page.terminal) >= WIDTH_MIN;
  }

  /** Rows of the view that came or went, those of the first snapshot aside. */
  get rowsChanged(): number {
    return this.#rowsChanged;
  }

  /** The contents of the view by the changes so far, one text a row, in order. */
  contents(): readonly string[] {
    return [...this.#rows.values()].map(rowText).sort();
  }

  /** Takes a change of the view. */
  apply(change: Change): void {
    // The rows of the view are of the shape that its query gives them.
    for (const row of change.deleted as unknown as readonly RevenueRow[]) this.#rows.delete(keyOf(row));
    for (const row of change.inserted as unknown as readonly RevenueRow[]) this.#rows.set(keyOf(row), row);
    if (!change.snapshot) this.#rowsChanged += change.inserted.length + change.deleted.length;
  }

  /** Shows the state; elsewhere than on a terminal once a second. */
  draw(facts: StreamFacts): void {
    const top = this.#top();
    const second = Math.floor(facts.elapsedMs / 1000);
    const nextSecond = second > this.#second;
    if (nextSecond) {
      this.#second = second;
      this.#gained = new Map(
        top.map(({ nation, revenue }) => [nation, revenue - (this.#before.get(nation) ?? 0)]),
      );
      this.#before = new Map(top.map(({ nation, revenue }) => [nation, revenue]));
    }
    if (this.#inPlace) this.#redraw(this.#lines(top, facts));
    else if (nextSecond) this.#page.line(plainLine(top, facts));
  }

  /** The nations of today by their revenue. */
  #top(): readonly RevenueRow[] {
    return [...this.#rows.values()]
      .filter(({ day }) => day.getTime() === this.#today)
      .sort((a, b) => b.revenue - a.revenue);
  }

  #lines(top: readonly RevenueRow[], facts: StreamFacts): readonly string[] {
    const { style } = this.#page;
    const most = Math.max(1, ...top.map(({ revenue }) => revenue));
    const rows = Array.from({ length: ROWS_SHOWN }, (_, i) => {
      const row = top[i];
      if (row === undefined) return "";
      const bar = barText(row.revenue / most, BAR_WIDTH);
      const gained = this.#gained.get(row.nation) ?? 0;
      return `${row.nation.padEnd(16)}${countText(row.lines).padStart(7)}${money(row.revenue).padStart(18)}` +
        `${style.green(gained > 0 ? `+${money(gained)}`.padStart(17) : "".padStart(17))}  ${style.cyan(bar)}`;
    });
    const title = `${"nation".padEnd(16)}${"lines".padStart(7)}${"revenue today".padStart(18)}` +
      `${"last second".padStart(17)}`;
    return [style.dim(title), ...rows, "", style.dim(this.#factsText(facts))];
  }

  #factsText({ elapsedMs, changes, commits }: StreamFacts): string {
    const rate = elapsedMs < 1 ? 0 : changes / elapsedMs * 1000;
    return `${countText(changes)} changes in ${countText(commits)} commits, ${shortCount(rate)} a second; ` +
      `${countText(this.#rowsChanged)} rows of the view came or went`;
  }

  #redraw(lines: readonly string[]): void {
    const up = this.#drawnLines === 0 ? "" : `\x1b[${this.#drawnLines}A`;
    this.#page.text(up + lines.map((line) => `\r\x1b[K${INDENT}${line}\n`).join(""));
    this.#drawnLines = lines.length;
  }
}

function plainLine(top: readonly RevenueRow[], { elapsedMs, changes }: StreamFacts): string {
  const nations = top.slice(0, NATIONS_IN_LINE)
    .map(({ nation, revenue }) => `${nation.padEnd(14)}${money(revenue).padStart(14)}`);
  return [
    `${Math.floor(elapsedMs / 1000)} s`.padStart(4),
    `${countText(changes).padStart(7)} changes`,
    ...nations,
  ].join("   ");
}

/** One line of text for a row of the view. */
export function rowText({ nation, day, lines, revenue }: RevenueRow): string {
  return `${nation}|${day.toISOString()}|${lines}|${revenue}`;
}

function keyOf({ nation, day }: RevenueRow): string {
  return `${nation}|${day.getTime()}`;
}

function money(amount: number): string {
  const [whole = "", cents = ""] = amount.toFixed(2).split(".");
  return `${countText(Number(whole))}.${cents}`;
}
