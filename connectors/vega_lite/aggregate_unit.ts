/**
 * A view whose encoding aggregates: one row for each mark comes out of the engine.
 *
 * ```
 * x: {timeUnit: "month", field: "day"}     key       month_day
 * y: {aggregate: "sum", field: "price"}    measure   sum_price
 * color: {field: "shop"}                   key       shop
 *
 *   ─► SELECT month_day, sum_price, shop ... GROUP BY     x: {timeUnit: "month", field: "month_day"}, ...
 * ```
 *
 * Aggregates leave the spec. `bin` and `timeUnit` stay where the library draws by them (bands, labels, scales of
 * bins), with the bins fixed to those of the engine: both give a value that is cut already back as it is.
 *
 * @module
 */
import { withBins } from "../charts/bin.ts";
import type { ChartRow } from "../charts/chart_kind.ts";
import type { PipelineItem, QueryPipeline } from "../charts/query_pipeline.ts";
import { DerivedTitle } from "./axis_title.ts";
import { EXTENT_OPERATIONS, measureItem } from "./aggregate.ts";
import { readBinOptions } from "./bin_field.ts";
import {
  type EncodingField,
  encodingFields,
  fieldColumn,
  type FieldRole,
  fieldType,
  outputName,
  roleOf,
} from "./encoding_field.ts";
import { fieldOfColumn } from "./field_name.ts";
import { derivedTitle, type TitleStyle } from "./field_title.ts";
import { aggregatedMark, mayStack, stackFields, stackOrder } from "./mark_default.ts";
import { sortOrder } from "./sort_field.ts";
import { isSpec, omit, pointer, type Spec, unsupported } from "./spec_shape.ts";
import { readTimeUnit, timeUnitItem } from "./time_unit_field.ts";
import type { TransformedRows } from "./transform.ts";

/** A view, or the facets around it, with the query that it shows. */
export interface UnitQuery {
  readonly rows: TransformedRows;
  /** Columns that the spec does not need as data. */
  readonly hidden: ReadonlySet<string>;
  /** Measures: without a value they are left out of a row, as Vega leaves them undefined. */
  readonly measures: ReadonlySet<string>;
  /** What stands in the place of each field, once the rows are known. */
  readonly change: (rows: readonly ChartRow[]) => ReadonlyMap<EncodingField, Spec>;
  /** The mark, with what Vega-Lite would have taken from the aggregates. */
  readonly mark: unknown;
  /** Channels that the encoding gets. */
  readonly added: Spec;
}

/** What a view may use besides its rows. */
export interface UnitScope {
  readonly titles: TitleStyle;
  readonly timeZone: string;
  /** Fields of the facets around the view. */
  readonly facets: readonly EncodingField[];
  /** Rows whose extents decide the bins, where they are not those of the view. */
  readonly binRows: QueryPipeline | undefined;
  /** `config` of the spec. */
  readonly config: Spec;
}

/** A field with what it computes and the column that it becomes. */
export interface OutputField {
  readonly field: EncodingField;
  readonly role: FieldRole;
  readonly name: string;
}

/** Marks that compute their own statistics. */
const COMPOSITE_MARKS: ReadonlySet<unknown> = new Set(["boxplot", "errorbar", "errorband"]);

/** True when some field of the encoding aggregates. */
export function aggregates(encoding: Spec): boolean {
  return encodingFields(encoding, "").some(({ def }) =>
    def["aggregate"] !== undefined && def["aggregate"] !== null
  );
}

/**
 * The query of a view that aggregates.
 *
 * @throws {QueryError} `unsupported` with the path of what the engine cannot do; `unknown-column`
 */
export function aggregateUnit(unit: Spec, rows: TransformedRows, scope: UnitScope, path: string): UnitQuery {
  const mark = isSpec(unit["mark"]) ? unit["mark"]["type"] : unit["mark"];
  if (COMPOSITE_MARKS.has(mark)) {
    throw unsupported(pointer(path, "mark"), `The mark ${String(mark)} takes its statistics from raw rows`);
  }
  const encoding = isSpec(unit["encoding"]) ? unit["encoding"] : {};
  const own = encodingFields(encoding, pointer(path, "encoding"));
  const outputs = [...scope.facets, ...own].map((field): OutputField => {
    requireText(field);
    const role = roleOf(field);
    return { field, role, name: outputName(field, role) };
  });
  const cut = cutColumns(rows, outputs, scope);
  const unitOutputs = outputs.slice(scope.facets.length);
  const ordered = orderColumns(cut.rows.pipeline, outputs);
  const domains = unaggregatedDomains(cut.rows.pipeline, unitOutputs, scope);
  const measures = new Map<string, PipelineItem>();
  for (const { field, role, name } of outputs) {
    if (role.kind !== "measure") continue;
    const text = field.def["field"];
    const measure = { operation: role.operation, field: text === undefined ? undefined : String(text), name };
    measures.set(name, measureItem(cut.rows.pipeline, measure, field.path));
  }
  for (const item of domains.items) measures.set(item.name, item);
  const keys = [...new Set(cut.keys)];
  const alone = (key: string) => keys.every((other) => other === key || cut.binned.get(other) === key);
  const direct = ordered.columns.filter(({ key }) => alone(key)).map(({ item }) => item);
  let pipeline = cut.rows.pipeline.aggregate(keys, [...measures.values(), ...direct]);
  for (const { key, item } of ordered.columns) {
    if (alone(key)) continue;
    const groups = cut.rows.pipeline.aggregate([key], [item]);
    const names = [{ name: item.name, as: item.name }];
    pipeline = pipeline.lookup(groups, { key, otherKey: key }, names, { unique: true });
  }
  const names = [...keys, ...measures.keys(), ...ordered.columns.map(({ item }) => item.name)];
  pipeline = pipeline.sort(keys.filter((key) => !cut.hidden.has(key)).map((column) => ({ column }))).select(
    names,
  );
  const unstacked = mayStack(mark, unitOutputs) && stackFields(unitOutputs).length === 0;
  return {
    rows: { pipeline, localTimes: cut.rows.localTimes },
    hidden: cut.hidden,
    measures: new Set(measures.keys()),
    mark: aggregatedMark(unit["mark"], unitOutputs, scope.config),
    added: stackOrder(mark, unitOutputs),
    change: (chartRows) =>
      new Map(outputs.map((output) => {
        const def = plainField(output, { scope, rows: chartRows, unstacked });
        const sort = ordered.sorts.get(output.field);
        const domain = domains.domainOf(output, chartRows);
        return [output.field, {
          ...def,
          ...(sort === undefined ? {} : { sort }),
          ...(domain === undefined ? {} : { scale: domain }),
        }];
      })),
  };
}

function requireText({ def, path }: EncodingField): void {
  if (def["field"] !== undefined && typeof def["field"] !== "string") {
    throw unsupported(pointer(path, "field"), "The field is no text");
  }
}

/** Name of a column that only says what the bins of `name` are. */
function binColumn(part: "first" | "last" | "step", name: string): string {
  return `__${part}_${name}`;
}

/** Adds bins and time units; gives the columns to group by, and which of them follow from a bin. */
function cutColumns(rows: TransformedRows, outputs: readonly OutputField[], scope: UnitScope) {
  let { pipeline } = rows;
  const localTimes = new Set(rows.localTimes);
  const keys: string[] = [];
  const hidden = new Set<string>();
  const binned = new Map<string, string>();
  for (const { field, role, name } of outputs) {
    if (role.kind === "measure" || keys.includes(name)) continue;
    const at = pointer(field.path, "field");
    const column = fieldColumn(field);
    pipeline.column(column, at);
    keys.push(name);
    if (role.kind === "timeUnit") {
      const unit = readTimeUnit(role.timeUnit, pointer(field.path, "timeUnit"));
      if (unit.step > 1 && unit.parts.includes("week")) {
        throw unsupported(pointer(field.path, "timeUnit"), "Steps of several weeks are cut in the browser");
      }
      pipeline = pipeline.derive([
        timeUnitItem(pipeline, { column, unit, name, twice: true }, scope.timeZone, at),
      ]);
      if (!unit.utc) localTimes.add(name);
    } else if (role.kind === "bin") {
      const columns = {
        start: name,
        end: `${name}_end`,
        first: binColumn("first", name),
        last: binColumn("last", name),
        step: binColumn("step", name),
      };
      const options = readBinOptions(role.bin, pointer(field.path, "bin"));
      const rows = scope.binRows?.has(column) === true ? scope.binRows : undefined;
      pipeline = withBins(pipeline, column, { ...options, rows }, columns);
      keys.push(columns.end, columns.first, columns.last, columns.step);
      for (const own of Object.values(columns)) binned.set(own, name);
      for (const own of [columns.first, columns.last, columns.step]) hidden.add(own);
    }
  }
  return { rows: { pipeline, localTimes }, keys, hidden, binned };
}

/** Columns that discrete scales and facets are ordered by, where that needs rows that are gone. */
function orderColumns(pipeline: QueryPipeline, outputs: readonly OutputField[]) {
  const columns = new Map<string, { readonly key: string; readonly item: PipelineItem }>();
  const sorts = new Map<EncodingField, Spec>();
  for (const output of outputs) {
    const order = sortOrder(pipeline, output, outputs);
    if (order === undefined) continue;
    sorts.set(output.field, order.sort);
    if (order.item !== undefined) columns.set(order.item.name, { key: output.name, item: order.item });
  }
  return { columns: [...columns.values()], sorts };
}

/** Scales over the extent of the raw values: two more measures each. */
function unaggregatedDomains(
  pipeline: QueryPipeline,
  outputs: readonly OutputField[],
  { config }: UnitScope,
) {
  const byDefault = isSpec(config["scale"]) && config["scale"]["useUnaggregatedDomain"] === true;
  const applies = ({ field, role }: OutputField): boolean => {
    if (role.kind !== "measure" || role.operation.kind !== "plain") return false;
    const scale = isSpec(field.def["scale"]) ? field.def["scale"] : {};
    const asked = scale["domain"] === "unaggregated" || (byDefault && scale["domain"] === undefined);
    return asked && scale["type"] !== "log" && EXTENT_OPERATIONS.has(role.operation.name);
  };
  const items = outputs.filter(applies).flatMap(({ field }) =>
    ["min", "max"].map((name) =>
      measureItem(pipeline, {
        operation: { kind: "plain", name },
        field: String(field.def["field"]),
        name: `${name}_${fieldColumn(field)}`,
      }, field.path)
    )
  );
  const domainOf = (output: OutputField, rows: readonly ChartRow[]): Spec | undefined => {
    if (!applies(output)) return undefined;
    const scale = isSpec(output.field.def["scale"]) ? output.field.def["scale"] : {};
    const column = fieldColumn(output.field);
    const low = Math.min(...valuesOf(rows, `min_${column}`));
    const high = Math.max(...valuesOf(rows, `max_${column}`));
    if (!(low <= high)) return omit(scale, ["domain"]);
    // A written domain would be neither nice nor start at zero.
    return { nice: true, zero: ZERO_CHANNELS.has(output.field.channel), ...scale, domain: [low, high] };
  };
  return { items, domainOf };
}

/** Channels whose scales include zero by default. */
const ZERO_CHANNELS: ReadonlySet<string> = new Set(["x", "y", "size", "theta", "radius"]);

function valuesOf(rows: readonly ChartRow[], name: string): readonly number[] {
  return rows.map((row) => row[name]).filter((value) => value !== null).map(Number);
}

/** The field as a plain field of the engine's rows. */
function plainField(
  { field, role, name }: OutputField,
  context: { readonly scope: UnitScope; readonly rows: readonly ChartRow[]; readonly unstacked: boolean },
): Spec {
  const { def, channel } = field;
  if (role.kind === "plain") return def;
  const type = fieldType(field, role);
  const plain: Spec = {
    ...(role.kind === "measure" ? omit(def, ["aggregate"]) : def),
    field: fieldOfColumn(name),
    ...(type === undefined ? {} : { type }),
    ...(def["title"] === undefined
      ? { title: new DerivedTitle(derivedTitle(field, role, context.scope.titles)) }
      : {}),
  };
  switch (role.kind) {
    case "measure":
      return context.unstacked && POSITIONS.has(channel) && def["stack"] !== null
        ? { ...plain, stack: null }
        : plain;
    case "timeUnit":
      return plain;
    case "bin":
      return { ...plain, bin: fixedBin(context.rows[0], name) ?? role.bin };
  }
}

const POSITIONS: ReadonlySet<string> = new Set(["x", "y", "theta", "radius"]);

/** The bins of the engine as options: they cut the start of a bin to itself. */
function fixedBin(row: ChartRow | undefined, name: string): Spec | undefined {
  const [first, last, step] = (["first", "last", "step"] as const).map((part) =>
    row?.[binColumn(part, name)]
  );
  if (typeof first !== "number" || typeof last !== "number" || typeof step !== "number") return undefined;
  // The end stays a little below its place, so that rounding never makes one more bin.
  const count = Math.round((last - first) / step);
  return { extent: [first, first + step * (count - 1e-9)], step, nice: false };
}
