/**
 * What each column of a result is for: time, category, measure, identifier, text.
 *
 * The type decides where it can; the name (`custkey`, `year`) and the values (how many are distinct, whether they
 * rise) decide the rest. One pass over the rows for each column.
 *
 * Values with bounds come in two forms, which are made one: a JSON column of `{ lo, hi }` (with `estimate` or
 * `value` in between where there is one) becomes three columns `x`, `x_lo`, `x_hi`; columns that are named so
 * already are taken as they are.
 *
 * @module
 */
import { DOUBLE, type SqlTypeKind } from "../../src/storage/sql_type.ts";
import type { ChartColumn, ChartRow } from "./chart_kind.ts";
import { columnTitle } from "./column_title.ts";
import { type NumberFormat, numberFormat, numberOf } from "./number_format.ts";
import { epochMs, type TimeGranularity, timeGranularity, wallClock } from "./wall_time.ts";

/** `bound`: the lower or upper bound of a measure. */
export type ColumnRole = "time" | "category" | "measure" | "identifier" | "boolean" | "text" | "bound";

/** A column with all that a chart needs to know about it. */
export interface RoledColumn extends ChartColumn {
  /** What it is for. */
  readonly role: ColumnRole;
  /** For people. */
  readonly title: string;
  /** Different values, NULL not counted. */
  readonly distinctCount: number;
  /** Every value is greater than the one before; false with NULLs. */
  readonly ascending: boolean;
  /** Characters of the longest value. */
  readonly lengthMax: number;
  /** Of a time. */
  readonly granularity?: TimeGranularity;
  /** Of a measure. */
  readonly format?: NumberFormat;
  /** Least and greatest number. */
  readonly extent?: readonly [number, number];
  /** A category whose values are numbers in their order: years, months, hours. */
  readonly ordinal?: boolean;
  /** Names of the columns that bound it. */
  readonly bounds?: { readonly lo: string; readonly hi: string };
}

/** Columns with roles, and the rows with bounds in columns of their own. */
export interface RoledRows {
  readonly columns: readonly RoledColumn[];
  readonly rows: readonly ChartRow[];
}

/** Names of integers that count calendar units or are ordered classes. */
const ORDINAL_NAME =
  /(^|_)(year|quarter|month|week|day|hour|dow|isodow|doy|weekday|decade|grade|rank|level|bucket|size)$/i;
const IDENTIFIER_NAME = /(^|_)(id|uuid|guid|key|code|sku|no|zip|postcode|phone|isbn)$|[a-z]key$/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** More characters than this are prose, not a label. */
const LABEL_LENGTH_MAX = 48;
/** Unique texts are labels up to this many rows. */
const LABEL_COUNT_MAX = 60;

/** Finds the role of each column; `timeZone` says where instants are cut, UTC by default. */
export function roledRows(
  columns: readonly ChartColumn[],
  rows: readonly ChartRow[],
  timeZone = "UTC",
): RoledRows {
  const flat = flattenBounds(columns, rows);
  const names = new Set(flat.columns.map(({ name }) => name));
  const roled = flat.columns.map((column) => roledColumn(column, flat.rows, timeZone));
  const measures = new Set(roled.filter(({ role }) => role === "measure").map(({ name }) => name));
  return {
    rows: flat.rows,
    columns: roled.map((column) => {
      const { name } = column;
      const owner = name.replace(/_(lo|hi)$/, "");
      if (owner !== name && measures.has(owner) && names.has(`${owner}_lo`) && names.has(`${owner}_hi`)) {
        return { ...column, role: "bound" };
      }
      const bounded = measures.has(name) && measures.has(`${name}_lo`) && measures.has(`${name}_hi`);
      return bounded ? { ...column, bounds: { lo: `${name}_lo`, hi: `${name}_hi` } } : column;
    }),
  };
}

/** Turns columns of `{ lo, hi }` into three columns of numbers; other columns and rows stay as they are. */
export function flattenBounds(
  columns: readonly ChartColumn[],
  rows: readonly ChartRow[],
): { readonly columns: readonly ChartColumn[]; readonly rows: readonly ChartRow[] } {
  const bounded = columns.filter(({ name, type }) =>
    type.kind === "json" && rows.some((row) => isBounds(row[name])) &&
    rows.every((row) => row[name] === null || row[name] === undefined || isBounds(row[name]))
  );
  if (bounded.length === 0) return { columns, rows };
  const names = new Set(bounded.map(({ name }) => name));
  return {
    columns: columns.flatMap((column) =>
      names.has(column.name)
        ? ["", "_lo", "_hi"].map((suffix) => ({ name: column.name + suffix, type: DOUBLE }))
        : [column]
    ),
    rows: rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).flatMap(([name, value]): [string, unknown][] =>
          names.has(name) ? boundEntries(name, value) : [[name, value]]
        ),
      )
    ),
  };
}

function isBounds(value: unknown): value is { readonly lo: unknown; readonly hi: unknown } {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "lo") &&
    Object.hasOwn(value, "hi");
}

function boundEntries(name: string, value: unknown): [string, unknown][] {
  if (!isBounds(value)) return [[name, null], [`${name}_lo`, null], [`${name}_hi`, null]];
  const parts: Readonly<Record<string, unknown>> = { ...value };
  const lo = numberOf(parts["lo"]);
  const hi = numberOf(parts["hi"]);
  const middle = numberOf(parts["estimate"] ?? parts["value"] ?? parts["mid"]) ??
    (lo === undefined || hi === undefined ? undefined : (lo + hi) / 2);
  return [[name, middle ?? null], [`${name}_lo`, lo ?? null], [`${name}_hi`, hi ?? null]];
}

/** What one pass over the values finds. */
interface Profile {
  readonly distinctCount: number;
  readonly count: number;
  readonly ascending: boolean;
  readonly lengthMax: number;
  readonly extent?: readonly [number, number];
}

function roledColumn(column: ChartColumn, rows: readonly ChartRow[], timeZone: string): RoledColumn {
  const values = rows.map((row) => row[column.name]);
  const profile = profileOf(values, column.type.kind);
  const role = roleOf(column, values, profile);
  const base = {
    ...column,
    role,
    title: columnTitle(column.name),
    distinctCount: profile.distinctCount,
    ascending: profile.ascending,
    lengthMax: profile.lengthMax,
  };
  if (role === "time") {
    const wall = wallClock(column.type.kind === "timestamptz" ? timeZone : "UTC");
    const granularity = timeGranularity(presentTimes(values, wall));
    const title = /^(date_trunc|date_bin|time_bucket|trunc)$/i.test(column.name)
      ? columnTitle(granularity)
      : base.title;
    return { ...base, title, granularity };
  }
  const extent = profile.extent === undefined ? {} : { extent: profile.extent };
  if (role === "measure") return { ...base, ...extent, format: numberFormat(column, values, profile.extent) };
  return role === "category" && isNumber(column.type.kind) ? { ...base, ...extent, ordinal: true } : base;
}

function* presentTimes(values: readonly unknown[], wall: (ms: number) => number): Generator<number> {
  for (const value of values) {
    const ms = epochMs(value);
    if (!Number.isNaN(ms)) yield wall(ms);
  }
}

function profileOf(values: readonly unknown[], kind: SqlTypeKind): Profile {
  const distinct = new Set<unknown>();
  const numeric = isNumber(kind);
  let ascending = values.length > 0;
  let lengthMax = 0;
  let count = 0;
  let low = Infinity;
  let high = -Infinity;
  let previous: number | string | undefined;
  for (const value of values) {
    const shown = numeric
      ? numberOf(value)
      : value === null || value === undefined
      ? undefined
      : labelOf(value);
    if (shown === undefined) {
      ascending = false;
      continue;
    }
    count++;
    distinct.add(shown);
    lengthMax = Math.max(lengthMax, String(shown).length);
    if (previous !== undefined && !(shown > previous)) ascending = false;
    previous = shown;
    if (typeof shown === "number") {
      if (shown < low) low = shown;
      if (shown > high) high = shown;
    }
  }
  const base = { distinctCount: distinct.size, count, ascending, lengthMax };
  return low <= high ? { ...base, extent: [low, high] } : base;
}

function labelOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function roleOf({ name, type }: ChartColumn, values: readonly unknown[], profile: Profile): ColumnRole {
  switch (type.kind) {
    case "boolean":
      return "boolean";
    case "date":
    case "timestamp":
    case "timestamptz":
      return "time";
    case "smallint":
    case "integer":
    case "bigint":
      if (IDENTIFIER_NAME.test(name)) return "identifier";
      return ORDINAL_NAME.test(name) && profile.distinctCount <= LABEL_COUNT_MAX ? "category" : "measure";
    case "decimal":
    case "numeric":
    case "real":
    case "double": {
      const whole = ORDINAL_NAME.test(name) && profile.distinctCount <= LABEL_COUNT_MAX &&
        values.every((value) => Number.isInteger(numberOf(value) ?? 0));
      return whole && !/size$/i.test(name) ? "category" : "measure";
    }
    case "text":
      return textRole(name, values, profile);
    case "time":
      return "category";
    default:
      return "text";
  }
}

function textRole(name: string, values: readonly unknown[], profile: Profile): ColumnRole {
  const first = values.find((value) => typeof value === "string");
  if (typeof first === "string" && UUID.test(first)) return "identifier";
  const unique = profile.distinctCount === profile.count && profile.count > LABEL_COUNT_MAX;
  if (IDENTIFIER_NAME.test(name) && unique) return "identifier";
  return unique || profile.lengthMax > LABEL_LENGTH_MAX ? "text" : "category";
}

/** Types whose values are numbers. */
export function isNumber(kind: SqlTypeKind): boolean {
  return kind === "smallint" || kind === "integer" || kind === "bigint" || kind === "decimal" ||
    kind === "numeric" || kind === "real" || kind === "double";
}
