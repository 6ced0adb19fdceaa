/**
 * Which chart suits a result.
 *
 * | columns | chart |
 * |---|---|
 * | a time, measures | line, one for each measure of the same unit |
 * | a time, a category, a measure | line for each category; heat map when there are many |
 * | a category, measures | bars, lying when labels are long or many |
 * | two categories, a measure | bars: stacked where sums make sense, else side by side; heat map when many |
 * | two measures | scatter, in the colours of a category where there is one; line when the first is an even scale |
 * | measures alone, one row | big number |
 * | anything else | table |
 *
 * The choice depends on roles and on how many distinct values there are, never on one row alone, so that a live
 * chart keeps its form while its rows change.
 *
 * @module
 */
import type { RoledColumn, RoledRows } from "./column_role.ts";
import { numberOf } from "./number_format.ts";

/** A chart without a library. */
export type ChartShape =
  | { readonly kind: "bigNumber"; readonly measures: readonly RoledColumn[] }
  | {
    readonly kind: "line";
    readonly x: RoledColumn;
    readonly ys: readonly RoledColumn[];
    readonly series?: RoledColumn;
  }
  | {
    readonly kind: "bar";
    readonly x: RoledColumn;
    readonly ys: readonly RoledColumn[];
    readonly series?: RoledColumn;
    readonly stacked: boolean;
    readonly horizontal: boolean;
  }
  | {
    readonly kind: "scatter";
    readonly x: RoledColumn;
    readonly y: RoledColumn;
    readonly series?: RoledColumn;
  }
  | {
    readonly kind: "heatMap";
    readonly x: RoledColumn;
    readonly y: RoledColumn;
    readonly value: RoledColumn;
  }
  | { readonly kind: "table"; readonly columns: readonly RoledColumn[] };

/** Lines or colours that can be told apart. */
const SERIES_COUNT_MAX = 12;
/** Parts of a stack, or bars side by side. */
const PART_COUNT_MAX = 8;
/** Bars on one axis. */
const BAR_COUNT_MAX = 60;
/** Upright labels that fit side by side. */
const UPRIGHT_COUNT_MAX = 14;
const UPRIGHT_LENGTH_MAX = 14;
/** Points that make an even scale of numbers. */
const SCALE_COUNT_MIN = 8;
const MEASURE_COUNT_MAX = 6;

/** Chooses; see the module header. */
export function chartShape({ columns, rows }: RoledRows): ChartShape {
  const table: ChartShape = { kind: "table", columns };
  const time = columns.find(({ role }) => role === "time");
  const measures = columns.filter(({ role }) => role === "measure");
  const measure = measures[0];
  const categories = columns.filter(({ role, distinctCount }) =>
    role === "category" || role === "boolean" || (role === "identifier" && distinctCount <= BAR_COUNT_MAX)
  );
  if (measure === undefined) return table;
  if (time !== undefined) return overTime(time, sameUnit(measures), categories, rows.length) ?? table;
  if (categories.length > 0) return byCategory(categories, measures, { columns, rows }) ?? table;
  if (columns.some(({ role }) => role === "text")) return table;
  const [x, y] = measures;
  if (y === undefined || rows.length <= 1) {
    return rows.length <= 1 ? { kind: "bigNumber", measures: measures.slice(0, MEASURE_COUNT_MAX) } : table;
  }
  return isScale(x!, rows.map((row) => numberOf(row[x!.name])))
    ? { kind: "line", x: x!, ys: sameUnit(measures.slice(1)) }
    : { kind: "scatter", x: x!, y };
}

function overTime(
  x: RoledColumn,
  ys: readonly RoledColumn[],
  categories: readonly RoledColumn[],
  rowCount: number,
): ChartShape | undefined {
  const measure = ys[0]!;
  const series = categories.find(({ role }) => role !== "identifier") ?? categories[0];
  const unique = x.distinctCount === rowCount;
  if (series === undefined) {
    return unique || rowCount === 0 ? { kind: "line", x, ys } : { kind: "scatter", x, y: measure };
  }
  if (series.distinctCount <= SERIES_COUNT_MAX) {
    // Several rows for one time in one series: a line would zigzag.
    return rowCount <= x.distinctCount * Math.max(series.distinctCount, 1)
      ? { kind: "line", x, ys: [measure], series }
      : { kind: "scatter", x, y: measure, series };
  }
  return series.distinctCount <= BAR_COUNT_MAX
    ? { kind: "heatMap", x, y: series, value: measure }
    : { kind: "scatter", x, y: measure };
}

function byCategory(
  categories: readonly RoledColumn[],
  measures: readonly RoledColumn[],
  { rows }: RoledRows,
): ChartShape | undefined {
  const named = categories.filter(({ role }) => role !== "identifier");
  const [first, second] = named.length > 0 ? named : categories;
  const measure = measures[0]!;
  const x = first!;
  if (second !== undefined && rows.length <= x.distinctCount * second.distinctCount) {
    const [axis, part] = second.distinctCount > PART_COUNT_MAX && x.distinctCount <= PART_COUNT_MAX
      ? [second, x]
      : [x, second];
    if (part.distinctCount > PART_COUNT_MAX) {
      return axis.distinctCount <= BAR_COUNT_MAX && part.distinctCount <= BAR_COUNT_MAX
        ? { kind: "heatMap", x: axis, y: part, value: measure }
        : undefined;
    }
    if (axis.distinctCount <= BAR_COUNT_MAX) {
      return {
        kind: "bar",
        x: axis,
        ys: [measure],
        series: part,
        stacked: isAdditive(measure),
        horizontal: isLying(axis),
      };
    }
  }
  if (
    second === undefined && rows.length <= Math.max(x.distinctCount, 1) + 1 &&
    x.distinctCount <= BAR_COUNT_MAX
  ) {
    return { kind: "bar", x, ys: sameUnit(measures), stacked: false, horizontal: isLying(x) };
  }
  if (measures.length < 2) return undefined;
  const series = named.find(({ distinctCount }) => distinctCount <= SERIES_COUNT_MAX);
  return { kind: "scatter", x: measure, y: measures[1]!, ...(series === undefined ? {} : { series }) };
}

/** Measures that can share an axis with the first one. */
function sameUnit(measures: readonly RoledColumn[]): readonly RoledColumn[] {
  const unit = unitOf(measures[0]!);
  return measures.filter((measure) => unitOf(measure) === unit).slice(0, MEASURE_COUNT_MAX);
}

function unitOf({ format }: RoledColumn): string {
  const kind = format?.kind ?? "decimal";
  return kind === "integer" || kind === "decimal" ? "number" : `${kind} ${format?.intl["currency"] ?? ""}`;
}

/** Averages, shares and negative parts do not add up to a stack. */
function isAdditive({ name, format, extent, bounds }: RoledColumn): boolean {
  return format?.kind !== "ratio" && format?.kind !== "percent" && (extent?.[0] ?? 0) >= 0 &&
    bounds === undefined && !/avg|average|mean|median|min|max|stddev|variance|p\d\d/i.test(name);
}

function isLying({ distinctCount, lengthMax, ordinal }: RoledColumn): boolean {
  return ordinal !== true && (distinctCount > UPRIGHT_COUNT_MAX || lengthMax > UPRIGHT_LENGTH_MAX);
}

/** Rises in equal steps. */
function isScale({ ascending }: RoledColumn, values: readonly (number | undefined)[]): boolean {
  if (!ascending || values.length < SCALE_COUNT_MIN) return false;
  const step = values[1]! - values[0]!;
  return values.every((value, i) =>
    i === 0 || Math.abs(value! - values[i - 1]! - step) <= 1e-9 * Math.max(Math.abs(value!), Math.abs(step))
  );
}

/** A title from the columns: "Revenue by month and region". */
export function shapeTitle(shape: ChartShape): string {
  const lower = (text: string) =>
    /^[A-Z][^A-Z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
  const list = (columns: readonly (RoledColumn | undefined)[]) =>
    columns.flatMap((column, i) =>
      column === undefined ? [] : i === 0 ? [column.title] : [lower(column.title)]
    )
      .join(", ").replace(/, ([^,]*)$/, " and $1");
  switch (shape.kind) {
    case "bigNumber":
      return list(shape.measures);
    case "line":
    case "bar":
      return `${list(shape.ys)} by ${lower(list([shape.x, shape.series]))}`;
    case "scatter":
      return `${shape.y.title} against ${lower(shape.x.title)}`;
    case "heatMap":
      return `${shape.value.title} by ${lower(list([shape.x, shape.y]))}`;
    case "table":
      return list(shape.columns.slice(0, 3));
  }
}
