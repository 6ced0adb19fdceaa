/**
 * One column of scanned fields as a batch column of its type.
 *
 * Picks the loop for the type, provides the long way for the fields that the loop leaves, and gives errors
 * their place.
 *
 * @module
 */
import { LiveViewError } from "../../src/base/error.ts";
import { fitText, parseDatum } from "../../src/query/functions/text_format.ts";
import type { BatchColumn } from "../../src/storage/column_batch.ts";
import { type Datum, type SqlType, typeName } from "../../src/storage/sql_type.ts";
import { inputError, type InputPlace, reasonOf, shown } from "../files/input_error.ts";
import { invalidUtf8At } from "../files/utf8.ts";
import { classFits, classifyText } from "../files/value_class.ts";
import {
  type NumberFields,
  readBooleanFields,
  readDecimalFields,
  readDoubleFields,
  readWholeFields,
} from "./number_fields.ts";
import { ESCAPED, type FieldTable, QUOTED } from "./scan_records.ts";
import { readTextFields, type TextColumn, type Unescape } from "./text_fields.ts";
import { readDateFields, readTimestampFields } from "./time_fields.ts";

/** What is to be made of a column. */
export interface ColumnRule {
  readonly name: string;
  readonly type: SqlType;
  /** The type comes from a sample: a text that it would change is an error, not only one that it refuses. */
  readonly inferred: boolean;
}

/** What the columns of one table share. */
export interface ParseContext {
  readonly nulls: readonly Uint8Array[];
  readonly unescape: Unescape;
  /** The place of a field, for errors. */
  placeOf(row: number, column: number): InputPlace;
  /** The offset in the file of a byte of the buffer. */
  fileOffset(at: number): number;
}

const DECODER = new TextDecoder();
const SPACE = 32;

/** The values of `column` in `table`. */
export function parseColumn(
  table: FieldTable,
  column: number,
  rule: ColumnRule,
  context: ParseContext,
): BatchColumn {
  const nulls = new Uint8Array(table.rowCount);
  const nullCount = markNulls(table, column, context.nulls, nulls);
  const rest = nullCount === 0 ? {} : { nulls };
  const { type } = rule;
  switch (type.kind) {
    case "text":
      return textColumn(table, column, nulls, { rule, context, rest });
    case "json":
    case "numeric":
    case "interval":
    case "array":
    case "null":
      return datumColumn(table, column, nulls, { rule, context, rest });
    default:
      return numberColumn(table, column, nulls, { rule, context, rest });
  }
}

interface ColumnTask {
  readonly rule: ColumnRule;
  readonly context: ParseContext;
  readonly rest: { readonly nulls?: Uint8Array };
}

/** Marks unquoted fields that are one of the null texts. */
function markNulls(
  table: FieldTable,
  column: number,
  texts: readonly Uint8Array[],
  nulls: Uint8Array,
): number {
  const { buffer, starts, ends, flags, columnCount, rowCount } = table;
  let count = 0;
  for (const text of texts) {
    const length = text.length;
    for (let row = 0, field = column; row < rowCount; row++, field += columnCount) {
      const start = starts[field]!;
      if (ends[field]! - start !== length || (flags[field]! & QUOTED) !== 0 || nulls[row] === 1) continue;
      let i = 0;
      while (i < length && buffer[start + i] === text[i]) i++;
      if (i === length) {
        nulls[row] = 1;
        count++;
      }
    }
  }
  return count;
}

function numberColumn(table: FieldTable, column: number, nulls: Uint8Array, task: ColumnTask): BatchColumn {
  const { rule, rest } = task;
  const out = new Float64Array(table.rowCount);
  const beyond = new Map<number, bigint>();
  const slow = (row: number): number => {
    const datum = parseField(table, row, column, task);
    if (typeof datum === "bigint") beyond.set(row, datum);
    return Number(datum);
  };
  readNumbers({ table, column, nulls, out, slow }, rule.type);
  if (beyond.size === 0) return { kind: "numbers", values: out, ...rest };
  const values = Array.from(out, (value, row) => beyond.get(row) ?? BigInt(value));
  return { kind: "bigints", values, ...rest };
}

function readNumbers(fields: NumberFields, type: SqlType): void {
  switch (type.kind) {
    case "smallint":
      return readWholeFields(fields, 32767);
    case "integer":
      return readWholeFields(fields, 2147483647);
    case "bigint":
      return readWholeFields(fields, Number.MAX_SAFE_INTEGER);
    case "decimal":
      // Beyond 10^15 the loop hands over by the number of digits.
      return readDecimalFields(fields, type.scale, 10 ** Math.min(type.precision, 15));
    case "double":
      return readDoubleFields(fields);
    case "boolean":
      return readBooleanFields(fields);
    case "date":
      return readDateFields(fields);
    case "timestamp":
      return readTimestampFields(fields, false);
    case "timestamptz":
      return readTimestampFields(fields, true);
    default:
      // REAL and TIME: rare in files.
      for (let row = 0; row < fields.table.rowCount; row++) {
        if (fields.nulls[row] === 0) fields.out[row] = fields.slow(row);
      }
  }
}

function datumColumn(table: FieldTable, column: number, nulls: Uint8Array, task: ColumnTask): BatchColumn {
  const values = Array.from(
    nulls,
    (isNull, row) => isNull === 1 ? null : parseField(table, row, column, task),
  );
  if (task.rule.type.kind === "json" || task.rule.type.kind === "null") {
    // Datums of JSON are strings.
    return { kind: "strings", values: values as (string | null)[], ...task.rest };
  }
  return { kind: "datums", values, ...task.rest };
}

/** The text of a field, escapes undone. */
export function fieldText(table: FieldTable, field: number, unescape: Unescape): string {
  const start = table.starts[field]!;
  const end = table.ends[field]!;
  if ((table.flags[field]! & ESCAPED) === 0) return DECODER.decode(table.buffer.subarray(start, end));
  const bytes = new Uint8Array(end - start);
  return DECODER.decode(bytes.subarray(0, unescape(table.buffer, start, end, bytes, 0)));
}

function parseField(table: FieldTable, row: number, column: number, task: ColumnTask): Datum {
  const { rule, context } = task;
  const text = fieldText(table, row * table.columnCount + column, context.unescape);
  if (rule.inferred && !classFits(classifyText(text), rule.type)) throw misfit(text, row, column, task);
  try {
    return parseDatum(text, rule.type);
  } catch (cause) {
    if (!(cause instanceof LiveViewError)) throw cause;
    throw misfit(text, row, column, task, cause);
  }
}

function misfit(
  text: string,
  row: number,
  column: number,
  task: ColumnTask,
  cause?: LiveViewError,
): LiveViewError {
  const { rule, context } = task;
  const type = typeName(rule.type);
  const reason = cause === undefined ? `${shown(text)} is not of type ${type}` : reasonOf(cause);
  return inputError(context.placeOf(row, column), reason, {
    hint: rule.inferred
      ? "the type was inferred from the rows before; infer from all rows, or give the type"
      : "correct the value, or read the column as TEXT",
    details: { value: text, type, inferred: rule.inferred },
    ...(cause === undefined ? {} : { cause }),
  });
}

function textColumn(table: FieldTable, column: number, nulls: Uint8Array, task: ColumnTask): BatchColumn {
  const { context, rule, rest } = task;
  const text = readTextFields(table, column, nulls, context.unescape);
  if (text.wide) checkUtf8(table, column, text, context);
  if (rule.type.kind === "text" && !fitsAsItIs(text, rule.type)) {
    return limitedText(
      text,
      nulls,
      rule.type,
      (row, cause) =>
        misfit(
          fieldText(table, row * table.columnCount + column, context.unescape),
          row,
          column,
          task,
          cause,
        ),
    );
  }
  return { kind: "utf8", bytes: text.bytes, offsets: text.offsets, ...rest };
}

function checkUtf8(table: FieldTable, column: number, text: TextColumn, context: ParseContext): void {
  for (let row = 0; row < table.rowCount; row++) {
    const start = text.offsets[row]!;
    const at = invalidUtf8At(text.bytes, start, text.offsets[row + 1]!);
    if (at < 0) continue;
    // Escapes move the byte within its field, but never across fields.
    const field = row * table.columnCount + column;
    const inFile = context.fileOffset(table.starts[field]! + at - start);
    throw inputError({ ...context.placeOf(row, column), byteOffset: inFile }, `the text is not valid UTF-8`, {
      hint: "say the encoding of the file, for example latin1 or windows-1252",
      details: { byte: text.bytes[at] },
    });
  }
}

/** No text has more bytes than the type has characters, and none has padding. */
function fitsAsItIs(text: TextColumn, type: SqlType & { kind: "text" }): boolean {
  const { bytes, offsets } = text;
  const longest = type.maxLength ?? Infinity;
  for (let row = 1; row < offsets.length; row++) {
    const end = offsets[row]!;
    if (end - offsets[row - 1]! > longest) return false;
    if (type.padded === true && end > offsets[row - 1]! && bytes[end - 1] === SPACE) return false;
  }
  return true;
}

/** VARCHAR(n) and CHAR(n): checks lengths and drops the padding of CHAR. */
function limitedText(
  text: TextColumn,
  nulls: Uint8Array,
  type: SqlType & { kind: "text" },
  fail: (row: number, cause: LiveViewError) => LiveViewError,
): BatchColumn {
  const values = Array.from(nulls, (isNull, row) => {
    if (isNull === 1) return null;
    try {
      return fitText(
        DECODER.decode(text.bytes.subarray(text.offsets[row], text.offsets[row + 1])),
        type,
        false,
      );
    } catch (cause) {
      throw cause instanceof LiveViewError ? fail(row, cause) : cause;
    }
  });
  return { kind: "strings", values };
}
