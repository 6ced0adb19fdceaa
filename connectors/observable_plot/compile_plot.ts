/**
 * A spec becomes queries; it comes back with arrays of rows and without the transforms that the engine has done.
 *
 * Marks with the same query share its rows. Marks whose rows stand in the spec stay as they are. A spec in the form
 * of mosaic-spec is read first, see `mosaic_spec.ts`.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type {
  ChartCatalog,
  ChartDataset,
  ChartRow,
  CompiledChart,
  UnsupportedPart,
} from "../charts/chart_kind.ts";
import { describe, isObject, plainSpec, pointer, type SpecObject } from "../charts/json_spec.ts";
import { QueryPipeline } from "../charts/query_pipeline.ts";
import { wallRows } from "../charts/wall_rows.ts";
import { type CompiledMark, compiledMark } from "./compile_mark.ts";
import { isTimeType, type PlotScope } from "./mark_state.ts";
import { isMosaic, plotFromMosaic } from "./mosaic_spec.ts";
import { type JsonObject, MARKS, type PlotMark, type PlotRowsMark } from "./plot_json.ts";

/** Compiles an untrusted spec; see {@linkcode CompiledChart}. */
export function compilePlot(spec: unknown, catalog: ChartCatalog): CompiledChart {
  const unsupported: UnsupportedPart[] = [];
  const plain = plainSpec(spec);
  const read = isMosaic(plain) ? plotFromMosaic(plain, unsupported) : plain;
  const scope: PlotScope = { catalog, unsupported, intervals: scaleIntervals(read) };
  const { marks, data, ...rest } = read;
  if (!Array.isArray(marks)) {
    throw new QueryError("invalid-parameter", `A plot has marks: received ${describe(marks)} at /marks`, {
      details: { path: "/marks" },
      hint: 'write it like { "marks": [{ "mark": "dot", "data": "orders", "options": { "x": "day" } }] }',
    });
  }
  const sources = isObject(data) ? data : {};
  const rowSets = new RowSets(sources, scope);
  const compiled = marks.flatMap((mark: unknown, i) => {
    const path = pointer("marks", i);
    const each = isObject(mark) ? mark : {};
    if (typeof each["mark"] === "string" && MARKS.has(each["mark"])) return [rowSets.mark(each, path)];
    scope.unsupported.push({ path: `${path}/mark`, reason: `there is no mark ${describe(each["mark"])}` });
    return [];
  });
  return {
    datasets: rowSets.datasets(),
    unsupported: scope.unsupported,
    fill: (rows) => ({
      ...safeRest(rest),
      marks: compiled,
      data: { ...rowSets.inline(), ...rowSets.filled(rows) },
      liveview: { datasets: rowSets.marks() },
    }),
  };
}

function scaleIntervals(spec: SpecObject): ReadonlyMap<string, unknown> {
  return new Map(["x", "y"].flatMap((axis): [string, unknown][] => {
    const scale = spec[axis];
    return isObject(scale) && scale["interval"] !== undefined ? [[axis, scale["interval"]]] : [];
  }));
}

/** Rows behind the marks, each query once. */
class RowSets {
  readonly #sources: SpecObject;
  readonly #scope: PlotScope;
  readonly #sets = new Map<string, { readonly name: string; readonly compiled: CompiledMark }>();
  readonly #names = new Set<string>();
  readonly #inline = new Set<string>();

  constructor(sources: SpecObject, scope: PlotScope) {
    this.#sources = sources;
    this.#scope = scope;
    for (const [name, source] of Object.entries(sources)) if (Array.isArray(source)) this.#names.add(name);
  }

  /** The mark for Plot. */
  mark(mark: SpecObject, path: string): PlotMark {
    const { data, options, transform } = mark;
    const name = String(mark["mark"]);
    const pipeline = this.#pipeline(data, `${path}/data`);
    if (pipeline === undefined) {
      if (typeof data === "string") this.#inline.add(data);
      return {
        mark: name,
        ...(data === undefined ? {} : { data }),
        options: isObject(options) ? withoutLinks(options) : {},
        ...(transform === undefined ? {} : { transform: transform as JsonObject }),
      };
    }
    const compiled = compiledMark(mark, pipeline, this.#scope, path);
    const rows = this.#rows(compiled, typeof data === "string" && /^\w+$/.test(data) ? data : "rows");
    return {
      mark: name,
      data: rows,
      options: compiled.options,
      ...(compiled.transform.length === 0 ? {} : { transform: compiled.transform }),
    };
  }

  #rows(compiled: CompiledMark, wanted: string): string {
    const key = JSON.stringify(compiled.query);
    const known = this.#sets.get(key);
    if (known !== undefined) return known.name;
    let name = wanted;
    for (let i = 1; this.#names.has(name); i++) name = `${wanted} ${i}`;
    this.#names.add(name);
    this.#sets.set(key, { name, compiled });
    return name;
  }

  /** The pipeline of a mark's data; `undefined` when its rows stand in the spec, or when it has none. */
  #pipeline(data: unknown, path: string): QueryPipeline | undefined {
    if (typeof data === "string" && Object.hasOwn(this.#sources, data)) {
      return this.#source(this.#sources[data], pointer("data", data));
    }
    return this.#source(data, path);
  }

  #source(source: unknown, path: string): QueryPipeline | undefined {
    const { catalog } = this.#scope;
    if (typeof source === "string") {
      return catalog.columns(source) === undefined && /^\s*(select|with|values|from)\b/i.test(source)
        ? QueryPipeline.fromSql(source, catalog, path)
        : QueryPipeline.from(source, catalog, path);
    }
    if (!isObject(source)) return undefined;
    for (const key of ["sql", "query"]) {
      if (typeof source[key] === "string") {
        return QueryPipeline.fromSql(source[key], catalog, `${path}/${key}`);
      }
    }
    const table = source["table"] ?? source["from"];
    if (typeof table === "string") return this.#pipeline(table, path);
    throw new QueryError("invalid-parameter", `Not rows at ${path}: received ${describe(source)}`, {
      details: { path },
      hint: "name a table, give { sql }, or a list of rows",
    });
  }

  datasets(): readonly ChartDataset[] {
    return [...this.#sets.values()].map(({ name, compiled }) => ({ name, query: compiled.query }));
  }

  /** Rows of the spec that marks read. */
  inline(): JsonObject {
    return Object.fromEntries([...this.#inline].map((name) => [name, this.#sources[name]]));
  }

  marks(): Readonly<Record<string, PlotRowsMark>> {
    return Object.fromEntries(
      [...this.#sets.values()].map(({ name, compiled }) => [name, this.#mark(compiled)]),
    );
  }

  #mark({ pipeline }: CompiledMark): PlotRowsMark {
    const columns = pipeline.columns ?? [];
    return {
      times: columns.filter(({ type }) => isTimeType(type)).map(({ name }) => name),
      instants: columns.filter(({ type }) => type?.kind === "timestamptz").map(({ name }) => name),
      timeZone: this.#scope.catalog.timeZone,
      orderBy: pipeline.order.map(({ column, direction }) =>
        direction === "desc" ? { column, descending: true } : { column }
      ),
    };
  }

  filled(rows: ReadonlyMap<string, readonly ChartRow[]>): JsonObject {
    const marks = this.marks();
    return Object.fromEntries(
      [...this.#sets.values()].map(({ name }) => {
        const { instants, timeZone } = marks[name]!;
        return [name, wallRows(rows.get(name) ?? [], instants, timeZone)];
      }),
    );
  }
}

/** Options that would reach out of the chart; compiled marks lose them in `markChannels`. */
function withoutLinks(options: SpecObject): SpecObject {
  const { href: _href, target: _target, src: _src, imageFilter: _filter, ...rest } = options;
  return rest;
}

/** What belongs to the whole plot. Styles may not load anything. */
function safeRest({ liveview: _, style, document: _document, ...rest }: SpecObject): SpecObject {
  const loads = /url\s*\(|@import/i.test(JSON.stringify(style ?? ""));
  return style === undefined || loads ? rest : { ...rest, style };
}
