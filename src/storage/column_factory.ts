/**
 * Which class of segment column stores a type.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import { expandBits } from "../base/bitmap.ts";
import { CodeColumn } from "./code_column.ts";
import type { MemoryAccount } from "./memory_account.ts";
import { NumberColumn } from "./number_column.ts";
import { ObjectColumn } from "./object_column.ts";
import type { WritableColumn } from "./segment_column.ts";
import type { SqlType } from "./sql_type.ts";
import type { CodeSegment } from "./table_view.ts";
import type { TextDomain } from "./text_domain.ts";
import { Utf8Column } from "./utf8_column.ts";

/** An empty segment column for `type`; text needs its domain. */
export function makeColumn(
  type: SqlType,
  domain: TextDomain | undefined,
  account: MemoryAccount,
  epoch: number,
): WritableColumn {
  switch (type.kind) {
    case "boolean":
    case "smallint":
    case "integer":
    case "bigint":
    case "decimal":
    case "real":
    case "double":
    case "date":
    case "time":
    case "timestamp":
    case "timestamptz":
      return new NumberColumn(type, account, epoch);
    case "text":
    case "json":
      return domain?.dictionary === undefined
        ? new Utf8Column(account, epoch)
        : new CodeColumn(domain.dictionary, account, epoch);
    case "numeric":
    case "interval":
    case "array":
    case "null":
      return new ObjectColumn(account, epoch);
    default:
      return unreachable(type);
  }
}

/** The first `slotCount` texts of a code column as UTF-8. */
export function toUtf8Column(
  column: CodeSegment,
  slotCount: number,
  account: MemoryAccount,
  epoch: number,
): Utf8Column {
  const utf8 = new Utf8Column(account, epoch);
  if (slotCount === 0) return utf8;
  const nulls = column.nulls === null ? null : new Uint8Array(slotCount);
  if (nulls !== null && column.nulls !== null) expandBits(column.nulls, 0, slotCount, nulls);
  const source = {
    kind: "codes",
    codes: column.values,
    dictionary: column.dictionary.strings,
    nulls,
  } as const;
  return utf8.append(0, source, 0, slotCount);
}
