/**
 * Cells of a table as text, after the role of their column.
 *
 * @module
 */
import { MISSING, numberText, timeText } from "./chart_text.ts";
import type { RoledColumn } from "./column_role.ts";

/** The function that writes the values of a column. */
export function cellText(
  { role, granularity, format }: RoledColumn,
  locale: string,
): (value: unknown) => string {
  if (role === "time") return timeText(granularity ?? "day", locale);
  if (role === "measure" || role === "bound") return numberText(format, locale);
  return (value) => value === null || value === undefined ? MISSING : String(value);
}
