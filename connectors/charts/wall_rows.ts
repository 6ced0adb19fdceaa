/**
 * Rows whose instants are moved to the wall time of a zone; see `wall_time.ts`.
 *
 * @module
 */
import type { ChartRow } from "./chart_kind.ts";
import { epochMs, isoText, wallClock } from "./wall_time.ts";

/** The rows with the columns `instants` as wall times, as ISO text. In UTC they are as they were. */
export function wallRows(
  rows: readonly ChartRow[],
  instants: readonly string[],
  timeZone: string,
): readonly ChartRow[] {
  if (instants.length === 0 || timeZone === "UTC") return rows;
  const wall = wallClock(timeZone);
  return rows.map((row) => ({
    ...row,
    ...Object.fromEntries(instants.map((name) => {
      const ms = epochMs(row[name]);
      return [name, Number.isNaN(ms) ? row[name] : isoText(wall(ms))];
    })),
  }));
}
