/**
 * Results as text tables for people.
 *
 * ```text
 * ┌────────┬─────────┐
 * │ origin │ flights │
 * ├────────┼─────────┤
 * │ ORD    │  166341 │
 * └────────┴─────────┘
 * ```
 *
 * Only the rows that are shown are formatted. Where the width is too small, columns are left out from the
 * middle and texts are cut, the longest first; numbers are never cut.
 *
 * @module
 */
import { datumAt } from "../../src/exec/vector_read.ts";
import { formatDatum } from "../../src/query/functions/text_format.ts";
import type { SqlType, SqlTypeKind } from "../../src/storage/sql_type.ts";
import type { Vector } from "../../src/storage/vector.ts";
import { cutToWidth, displayWidth, printable, type TerminalStyle, terminalStyle } from "./terminal_style.ts";

/** What is needed of a result; a `QueryResult` has it. */
export interface TableResult {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly sqlType: SqlType }[];
  readonly rowCount: number;
  vector(index: number): Vector;
}

/** How a table is drawn. */
export interface TableTextOptions {
  /** Columns of the terminal; no limit by default. */
  readonly width?: number;
  /** Rows to show; of more the first and the last are. All by default. */
  readonly rowsMax?: number;
  /** A line with the types below the names. */
  readonly types?: boolean;
  /** One line per value instead of one per row. */
  readonly expanded?: boolean;
  readonly style?: TerminalStyle;
  /** Put before every line. */
  readonly indent?: string;
}

/** Texts and names are cut to this width before columns are left out. */
const COLUMN_WIDTH_MIN = 8;
const GAP = "⋮";
const NULL_TEXT = "NULL";

const RIGHT_ALIGNED: ReadonlySet<SqlTypeKind> = new Set([
  "smallint",
  "integer",
  "bigint",
  "decimal",
  "numeric",
  "real",
  "double",
]);

/** A cell as text; `null` for NULL. */
type Cell = string | null;

/** A column with the cells that are shown. */
interface TextColumn {
  readonly name: string;
  readonly type: string;
  readonly right: boolean;
  readonly cells: readonly Cell[];
}

/** `result` as text, ending in a line break. */
export function tableText(result: TableResult, options: TableTextOptions = {}): string {
  const rows = shownRows(result.rowCount, options.rowsMax ?? Infinity);
  const columns = result.columns.map(({ name, type, sqlType }, i): TextColumn => {
    const vector = result.vector(i);
    return {
      name: printable(name),
      type: type.toLowerCase(),
      right: RIGHT_ALIGNED.has(sqlType.kind),
      cells: rows.map((row) => row < 0 ? GAP : cellOf(vector, row, sqlType)),
    };
  });
  if (columns.length === 0) return "";
  const lines = options.expanded === true
    ? expandedLines(columns, rows, options)
    : boxLines(columns, options);
  const indent = options.indent ?? "";
  return lines.map((line) => `${indent}${line}\n`).join("");
}

/** Rows to show; -1 stands for those left out. */
function shownRows(rowCount: number, rowsMax: number): number[] {
  if (rowCount <= rowsMax) return Array.from({ length: rowCount }, (_, row) => row);
  const head = Math.ceil(rowsMax / 2);
  const tail = Math.floor(rowsMax / 2);
  return [
    ...Array.from({ length: head }, (_, row) => row),
    -1,
    ...Array.from({ length: tail }, (_, i) => rowCount - tail + i),
  ];
}

function cellOf(vector: Vector, row: number, type: SqlType): Cell {
  const datum = datumAt(vector, row);
  if (datum === null) return null;
  // Padding of CHAR(n) only costs room here.
  return printable(formatDatum(datum, type.kind === "text" ? { kind: "text" } : type));
}

function boxLines(all: readonly TextColumn[], options: TableTextOptions): string[] {
  const style = options.style ?? terminalStyle(false);
  const { columns, widths } = fitted(all, options);
  const rule = (left: string, middle: string, right: string) =>
    style.dim(left + widths.map((width) => "─".repeat(width + 2)).join(middle) + right);
  const bar = style.dim("│");
  const line = (cells: readonly string[]) => `${bar} ${cells.join(` ${bar} `)} ${bar}`;
  const lines = [
    rule("┌", "┬", "┐"),
    line(columns.map(({ name, right }, i) => style.bold(aligned(name, widths[i]!, right)))),
  ];
  if (options.types === true) {
    lines.push(line(columns.map(({ type, right }, i) => style.dim(aligned(type, widths[i]!, right)))));
  }
  lines.push(rule("├", "┼", "┤"));
  for (let row = 0; row < columns[0]!.cells.length; row++) {
    lines.push(line(columns.map(({ cells, right }, i) => {
      const cell = cells[row]!;
      const text = aligned(cell ?? NULL_TEXT, widths[i]!, right);
      return cell === null || cell === GAP ? style.dim(text) : text;
    })));
  }
  lines.push(rule("└", "┴", "┘"));
  return lines;
}

function aligned(text: string, width: number, right: boolean): string {
  const cut = cutToWidth(text, width);
  const padding = " ".repeat(Math.max(0, width - displayWidth(cut)));
  return right ? padding + cut : cut + padding;
}

/** The columns that fit, and their widths. */
function fitted(
  all: readonly TextColumn[],
  options: TableTextOptions,
): { readonly columns: readonly TextColumn[]; readonly widths: readonly number[] } {
  const room = (options.width ?? Infinity) - displayWidth(options.indent ?? "");
  const columns = all.map((column) => ({ column, ...widthsOf(column, options.types === true) }));
  const tooWide = (gap: number) =>
    frameWidth(columns.length + gap) + gap + columns.reduce((sum, { least }) => sum + least, 0) > room;
  while (columns.length > 2 && tooWide(columns.length < all.length ? 1 : 0)) {
    columns.splice(columns.length >> 1, 1);
  }
  if (columns.length < all.length) {
    const cells = all[0]!.cells.map(() => GAP);
    const column = { name: "…", type: "", right: false, cells };
    columns.splice((columns.length + 1) >> 1, 0, { column, natural: 1, least: 1 });
  }
  return { columns: columns.map(({ column }) => column), widths: narrowed(columns, room) };
}

/** Natural and least width of a column. Texts may be cut to some characters, numbers never. */
function widthsOf(column: TextColumn, types: boolean): { readonly natural: number; readonly least: number } {
  const cells = Math.max(0, ...column.cells.map((cell) => displayWidth(cell ?? NULL_TEXT)));
  const natural = Math.max(displayWidth(column.name), types ? displayWidth(column.type) : 0, cells);
  return { natural, least: Math.min(natural, Math.max(COLUMN_WIDTH_MIN, column.right ? cells : 0)) };
}

/** Frame and padding of `count` columns. */
function frameWidth(count: number): number {
  return 3 * count + 1;
}

/** Takes width from the widest columns, as far as they allow, until all fit. */
function narrowed(
  columns: readonly { readonly natural: number; readonly least: number }[],
  room: number,
): number[] {
  const widths = columns.map(({ natural }) => natural);
  let excess = frameWidth(widths.length) + widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    let widest = -1;
    columns.forEach(({ least }, i) => {
      if (widths[i]! > least && (widest < 0 || widths[i]! > widths[widest]!)) widest = i;
    });
    // What still does not fit is cut like a text.
    if (widest < 0) widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= 1) break;
    widths[widest]!--;
    excess--;
  }
  return widths;
}

function expandedLines(
  columns: readonly TextColumn[],
  rows: readonly number[],
  options: TableTextOptions,
): string[] {
  const style = options.style ?? terminalStyle(false);
  const width = Math.max(...columns.map(({ name }) => displayWidth(name)));
  const room = (options.width ?? Infinity) - width - 3 - displayWidth(options.indent ?? "");
  return rows.flatMap((row, i) => {
    if (row < 0) return [style.dim(GAP)];
    const title = `─[ row ${row + 1} ]`;
    return [
      style.dim(title + "─".repeat(Math.max(0, width + 3 - displayWidth(title)))),
      ...columns.map(({ name, cells }) => {
        const cell = cells[i]!;
        const value = cell === null ? style.dim(NULL_TEXT) : cutToWidth(cell, room);
        return `${style.bold(aligned(name, width, false))} ${style.dim("│")} ${value}`;
      }),
    ];
  });
}
