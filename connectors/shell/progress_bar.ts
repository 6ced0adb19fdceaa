/**
 * A progress bar with rate and remaining time, in place on a terminal, and one plain line at the end elsewhere.
 *
 * ```text
 * lineitem ━━━━━━━━━━━━━━━━━╸           62 %   3.7 M rows   1.2 M rows/s   2 s left
 * ```
 *
 * @module
 */
import type { Clock } from "../../src/base/clock.ts";
import { bytesText, countText, durationText, shortCount } from "./measure_text.ts";
import {
  cutToWidth,
  displayWidth,
  type Terminal,
  type TerminalStyle,
  terminalWidth,
} from "./terminal_style.ts";

/** Milliseconds between two drawings. */
const DRAW_INTERVAL_MS = 80;
const BAR_WIDTH = 28;
const LABEL_WIDTH = 10;

/** What a bar needs. */
export interface ProgressBarOptions {
  readonly terminal: Terminal;
  readonly style: TerminalStyle;
  readonly clock: Clock;
  readonly label: string;
  /** What is counted. */
  readonly unit?: "rows" | "bytes";
  /** Put before the line. */
  readonly indent?: string;
}

/** See the module header. */
export class ProgressBar {
  readonly #options: ProgressBarOptions;
  readonly #startMs: number;
  #drawnMs = -Infinity;
  #done = 0;

  constructor(options: ProgressBarOptions) {
    this.#options = options;
    this.#startMs = options.clock.monotonic();
  }

  /** `done` of `total` is reached; `total` may be unknown. */
  update(done: number, total: number | undefined, note = ""): void {
    this.#done = done;
    const { clock, terminal } = this.#options;
    if (terminal.isTTY !== true) return;
    const now = clock.monotonic();
    if (now - this.#drawnMs < DRAW_INTERVAL_MS) return;
    this.#drawnMs = now;
    terminal.write(`\r\x1b[K${cutToWidth(this.#line(done, total, note), terminalWidth(terminal) - 1)}`);
  }

  /** Replaces the bar by a line that says what was done, and gives the time it took. */
  finish(note = ""): number {
    const { terminal, style, label, clock, indent = "" } = this.#options;
    const elapsedMs = clock.monotonic() - this.#startMs;
    const rate = this.#rate(elapsedMs);
    const facts = [
      this.#amount(this.#done),
      durationText(elapsedMs).padStart(8),
      `${rate}`.padStart(14),
      note,
    ];
    const line = `${indent}${padded(label)} ${style.green("✓")} ${
      facts.filter((fact) => fact !== "").join("   ")
    }`;
    terminal.write(`${terminal.isTTY === true ? "\r\x1b[K" : ""}${line}\n`);
    return elapsedMs;
  }

  #line(done: number, total: number | undefined, note: string): string {
    const { label, indent = "" } = this.#options;
    const elapsedMs = this.#options.clock.monotonic() - this.#startMs;
    const parts = [this.#amount(done), this.#rate(elapsedMs)];
    let bar = "";
    if (total !== undefined && total > 0) {
      const share = Math.min(1, done / total);
      bar = `${barText(share)} ${String(Math.floor(share * 100)).padStart(3)} %   `;
      if (share > 0.01) parts.push(`${durationText(elapsedMs * (1 - share) / share)} left`);
    }
    // Uncoloured: the line is cut to the terminal's width by characters.
    return `${indent}${padded(label)} ${bar}${[...parts, note].filter((part) => part !== "").join("   ")}`;
  }

  #amount(count: number): string {
    const { unit = "rows" } = this.#options;
    return unit === "bytes" ? bytesText(count) : `${countText(count).padStart(10)} rows`;
  }

  #rate(elapsedMs: number): string {
    if (elapsedMs < 1) return "";
    const perSecond = this.#done / elapsedMs * 1000;
    return this.#options.unit === "bytes" ? `${bytesText(perSecond)}/s` : `${shortCount(perSecond)} rows/s`;
  }
}

function padded(label: string): string {
  return label + " ".repeat(Math.max(0, LABEL_WIDTH - displayWidth(label)));
}

/** A bar of `share`, to half a character. */
export function barText(share: number, width: number = BAR_WIDTH): string {
  const halves = Math.round(share * width * 2);
  const full = halves >> 1;
  const half = halves & 1;
  return "━".repeat(full) + (half === 1 ? "╸" : "") + " ".repeat(width - full - half);
}
