/**
 * The scanner: cuts bytes into records and fields, without looking at the values.
 *
 * Fields are kept as offsets into the buffer, row by row in flat arrays, so a record costs no object:
 *
 * ```text
 * buffer   7 , a b , " x " " y " \n
 * starts   0   2       6              ends  1   4   11      flags  0  0  QUOTED | ESCAPED
 * ```
 *
 * The line feed that the caller puts behind the last byte lets the inner loops run without bounds checks.
 * Cost: O(bytes); one table look-up a byte outside quotes, two or three comparisons inside.
 *
 * @module
 */
import type { ScanBytes } from "./csv_dialect.ts";

/** Set in `flags` for a quoted field; its offsets leave the quotes out. */
export const QUOTED = 1;
/** Set in `flags` for a field with escapes, which are still in the bytes. */
export const ESCAPED = 2;

/** The fields of some records. */
export interface FieldTable {
  buffer: Uint8Array;
  readonly columnCount: number;
  readonly rowCountMax: number;
  rowCount: number;
  /** Entry `row * columnCount + column`. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly flags: Uint8Array;
}

/** Why scanning stopped. */
export type ScanStop =
  /** All bytes were taken, or what is left is no whole record. */
  | "end"
  /** The table is full. */
  | "full"
  /** Too few or too many fields; `fieldCount` says how many. */
  | "ragged"
  /** No closing quote before the end of the input. */
  | "unterminated"
  /** Text between a closing quote and the next delimiter. */
  | "after-quote";

/** Where scanning is. `position` is at the beginning of a record. */
export interface ScanState {
  position: number;
  /** Line number of `position`, from 1. */
  line: number;
  stop: ScanStop;
  /** Offset of the problem, for the three error stops. */
  problemAt: number;
  fieldCount: number;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BACKSLASH = 92;

/** An empty table for `rowCountMax` records. */
export function createFieldTable(columnCount: number, rowCountMax: number): FieldTable {
  const fieldCount = columnCount * rowCountMax;
  return {
    buffer: new Uint8Array(0),
    columnCount,
    rowCountMax,
    rowCount: 0,
    starts: new Int32Array(fieldCount),
    ends: new Int32Array(fieldCount),
    flags: new Uint8Array(fieldCount),
  };
}

/** What the loops of one call share; `line`, `fieldCount` and `problemAt` are written by them. */
interface Scan extends ScanBytes {
  readonly to: number;
  readonly final: boolean;
  readonly table: FieldTable;
  line: number;
  fieldCount: number;
  problemAt: number;
}

const INCOMPLETE = -1;
const UNTERMINATED = -2;
const AFTER_QUOTE = -3;

/**
 * Fills `table` with the records of `buffer[state.position .. to]` and moves `state` behind them.
 * `buffer[to]` must be a line feed that the caller put there. Unless `final`, a record that may go on behind
 * `to` is left for the next call. Blank lines are skipped when there are several columns.
 */
export function scanRecords(
  buffer: Uint8Array,
  given: { readonly bytes: ScanBytes; readonly to: number; readonly final: boolean },
  state: ScanState,
  table: FieldTable,
): void {
  const { to, final } = given;
  const scan: Scan = { ...given.bytes, to, final, table, line: state.line, fieldCount: 0, problemAt: 0 };
  let p = state.position;
  let row = 0;
  let stop: ScanStop = "end";
  table.buffer = buffer;
  while (p < to) {
    if (row === table.rowCountMax) {
      stop = "full";
      break;
    }
    state.line = scan.line;
    let end = scanRecord(buffer, p, row * table.columnCount, scan);
    if (end >= 0) end = behindLineEnd(buffer, end, scan);
    if (end < 0) {
      stop = end === INCOMPLETE ? "end" : end === UNTERMINATED ? "unterminated" : "after-quote";
      break;
    }
    if (scan.fieldCount === table.columnCount) {
      row++;
    } else if (scan.fieldCount !== 1 || !isBlankLine(buffer, p, end)) {
      stop = "ragged";
      scan.problemAt = p;
      break;
    }
    p = end;
    scan.line++;
    state.line = scan.line;
  }
  table.rowCount = row;
  state.position = Math.min(p, to);
  state.stop = stop;
  state.fieldCount = scan.fieldCount;
  state.problemAt = scan.problemAt;
}

/** Stores the fields of the record at `p` from entry `field` on; gives the offset of its end, or why there is none. */
function scanRecord(buffer: Uint8Array, p: number, field: number, scan: Scan): number {
  const { delimiter, quote, special, to, final, table } = scan;
  const { starts, ends, flags, columnCount } = table;
  for (let column = 1;; column++) {
    let start = p;
    let flag = 0;
    let end: number;
    if (buffer[p] === quote && p < to) {
      const closing = closingQuote(buffer, p + 1, scan);
      if (closing < 0) {
        scan.problemAt = p;
        return final ? UNTERMINATED : INCOMPLETE;
      }
      start = p + 1;
      end = closing >>> 1;
      flag = (closing & 1) === 1 ? QUOTED | ESCAPED : QUOTED;
      p = end + 1;
      if (special[buffer[p]!] === 0) {
        scan.problemAt = p;
        return AFTER_QUOTE;
      }
    } else {
      while (special[buffer[p]!] === 0) p++;
      if (buffer[p] === BACKSLASH && special[BACKSLASH] === 1 && buffer[p] !== delimiter) {
        flag = ESCAPED;
        p = behindBackslashes(buffer, p, scan);
      }
      end = p;
    }
    if (p >= to && !final) return INCOMPLETE;
    if (column <= columnCount) {
      starts[field] = start;
      ends[field] = end;
      flags[field++] = flag;
    }
    if (buffer[p] !== delimiter || p >= to) {
      scan.fieldCount = column;
      return p;
    }
    p++;
  }
}

/** Twice the offset of the quote that closes a field, plus 1 when there are escapes; -1 when there is none. */
function closingQuote(buffer: Uint8Array, p: number, scan: Scan): number {
  const { quote, escape, to } = scan;
  let escaped = 0;
  for (;;) {
    let byte = buffer[p]!;
    while (byte !== quote && byte !== escape && byte !== LINE_FEED) byte = buffer[++p]!;
    if (p >= to) return -1;
    if (byte === LINE_FEED) {
      scan.line++;
      p++;
    } else if (byte === escape && p + 1 < to && (buffer[p + 1] === quote || buffer[p + 1] === escape)) {
      escaped = 1;
      p += 2;
    } else if (byte === quote) {
      return p * 2 + escaped;
    } else {
      p++;
    }
  }
}

/** The end of an unquoted field that has a backslash at `p`. */
function behindBackslashes(buffer: Uint8Array, p: number, scan: Scan): number {
  const { special, to } = scan;
  while (p < to && buffer[p] === BACKSLASH) {
    if (buffer[p + 1] === LINE_FEED && p + 1 < to) scan.line++;
    p = Math.min(p + 2, to);
    while (special[buffer[p]!] === 0) p++;
  }
  return p;
}

/** The offset behind the line end at `p`: LF, CR LF, CR, or the end of the input. */
function behindLineEnd(buffer: Uint8Array, p: number, scan: Scan): number {
  if (buffer[p] !== CARRIAGE_RETURN || p >= scan.to) return p + 1;
  if (p + 1 >= scan.to) return scan.final ? p + 1 : INCOMPLETE;
  return buffer[p + 1] === LINE_FEED ? p + 2 : p + 1;
}

function isBlankLine(buffer: Uint8Array, from: number, to: number): boolean {
  return to - from <= 2 && (buffer[from] === LINE_FEED || buffer[from] === CARRIAGE_RETURN);
}
