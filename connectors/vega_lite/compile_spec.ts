/**
 * A spec with all its views: finds data and transforms of each view, compiles them, and puts the spec together
 * again around the rows.
 *
 * ```
 * concat ─┬─ layer ─┬─ view ──► query ──► data set
 *         │         └─ view ──► query ──► data set
 *         └─ facet ─── view ──► query ──► data set of the facet
 * ```
 *
 * Data and transforms of a composition move down to its views. Facets have one data set for all views in them:
 * of several queries it holds the rows of all, and each view keeps its own by a filter.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { literal } from "../../src/query/builder.ts";
import { INTEGER } from "../../src/storage/sql_type.ts";
import type { ChartCatalog, ChartRow, CompiledChart, UnsupportedPart } from "../charts/chart_kind.ts";
import { QueryPipeline } from "../charts/query_pipeline.ts";
import { shareTitles, writeTitles } from "./axis_title.ts";
import { aggregates, aggregateUnit, type UnitQuery } from "./aggregate_unit.ts";
import { type DataSource, dataSource } from "./data_source.ts";
import { DatasetList } from "./dataset_list.ts";
import { type EncodingField, encodingFields, replaceFields, roleOf } from "./encoding_field.ts";
import { titleStyle } from "./field_title.ts";
import { mergedEncoding } from "./layer.ts";
import { fixedParameters, selectionsOfData } from "./parameter.ts";
import { rawUnit, requireFields } from "./raw_unit.ts";
import { expandRepeat } from "./repeat.ts";
import { NOTES } from "./row_changeset.ts";
import { isSpec, itemsOf, type Located, omit, pointer, type Spec } from "./spec_shape.ts";
import { runTransforms, type TransformResult, type TransformScope, transformsOf } from "./transform.ts";

/** Rows by name of the data set. */
type RowsOf = (dataset: string) => readonly ChartRow[];
/** A part of the spec, once the rows are known. */
type Template = (rowsOf: RowsOf) => Spec;

/** What a view inherits from the compositions around it. */
interface Scope {
  readonly source: DataSource | undefined;
  readonly transforms: readonly Located[];
  /** Encoding of the layers around. */
  readonly encoding: Spec | undefined;
  /** The facets around, when the view takes its rows from theirs. */
  readonly facet: FacetScope | undefined;
  /** The view is a layer of another. */
  readonly layered: boolean;
  /** Transforms before those of single layers: bins are taken from the extents of these rows. */
  readonly beforeLayers: readonly Located[] | undefined;
}

interface FacetScope {
  readonly fields: readonly EncodingField[];
  /** Queries of the views inside, in order. */
  readonly units: UnitQuery[];
  /** The views must show raw rows. */
  readonly raw: boolean;
}

/** Column by which views in a facet know their rows. */
const UNIT_COLUMN = "__view";
const COMPOSITIONS = ["layer", "concat", "hconcat", "vconcat"] as const;

/** Compiles a spec whose shape was checked. */
export function compileSpec(spec: Spec, catalog: ChartCatalog): CompiledChart {
  const compiler = new SpecCompiler(spec, catalog);
  const template = compiler.node(spec, "", {
    source: undefined,
    transforms: [],
    encoding: undefined,
    facet: undefined,
    layered: false,
    beforeLayers: undefined,
  });
  const { list } = compiler;
  const { datasets } = list;
  const inline = datasets.length === 1 && isSpec(spec["data"]) && compiler.uses === 1;
  return {
    datasets,
    unsupported: compiler.unsupported,
    fill(rows) {
      // Writing titles keeps the shape.
      const written = writeTitles(template((name) => rows.get(name) ?? [])) as Spec;
      if (datasets.length === 0) return written;
      const meta = isSpec(spec["usermeta"]) ? spec["usermeta"] : {};
      const filled = { ...written, usermeta: { ...meta, [NOTES]: list.notes(written) } };
      const values = datasets.map(({ name }) => [name, list.values(name, rows.get(name) ?? [])] as const);
      if (inline) {
        const [name, only] = values[0]!;
        return { ...filled, data: { name, values: only } };
      }
      const own = isSpec(spec["datasets"]) ? spec["datasets"] : {};
      return { ...filled, datasets: { ...own, ...Object.fromEntries(values) } };
    },
  };
}

class SpecCompiler {
  readonly list = new DatasetList();
  /** How many places of the spec refer to a data set. */
  uses = 0;
  readonly #unsupported = new Map<string, UnsupportedPart>();
  readonly #catalog: ChartCatalog;
  readonly #root: Spec;
  readonly #constants: ReadonlyMap<string, unknown>;
  readonly #selections: ReadonlySet<string>;

  constructor(root: Spec, catalog: ChartCatalog) {
    this.#root = root;
    this.#catalog = catalog;
    this.#constants = fixedParameters(root);
    this.#selections = selectionsOfData(root);
  }

  /** What was left out, each place once. */
  get unsupported(): readonly UnsupportedPart[] {
    return [...this.#unsupported.values()];
  }

  /** The template of a view or composition. */
  node(spec: Spec, path: string, outer: Scope): Template {
    const template = this.#view(spec, path, outer);
    return outer.layered
      ? template
      : (rowsOf) => shareTitles(template(rowsOf), titleStyle(this.#root["config"]));
  }

  #view(spec: Spec, path: string, outer: Scope): Template {
    const expanded = spec["repeat"] === undefined ? spec : expandRepeat(spec, path);
    const scope = this.#scope(expanded, path, outer);
    // Data and transforms of the engine's sources move down to the views.
    const rest = scope.source === undefined ? expanded : omit(expanded, ["data", "transform"]);
    for (const key of COMPOSITIONS) {
      if (expanded[key] !== undefined) return this.#composition({ spec: rest, path }, key, scope);
    }
    if (expanded["facet"] !== undefined && isSpec(expanded["spec"])) {
      return this.#facet({ spec: rest, path }, scope);
    }
    if (isSpec(expanded["spec"])) {
      const inner = this.node(expanded["spec"], pointer(path, "spec"), scope);
      return (rowsOf) => ({ ...rest, spec: inner(rowsOf) });
    }
    return scope.source === undefined ? () => spec : this.#unit({ spec: rest, path }, scope, scope.source);
  }

  #scope(spec: Spec, path: string, outer: Scope): Scope {
    const own = transformsOf(spec, path);
    if (spec["data"] === undefined) return { ...outer, transforms: [...outer.transforms, ...own] };
    const source = this.#source(spec["data"], pointer(path, "data"));
    return { ...outer, source, transforms: own, facet: undefined, beforeLayers: undefined };
  }

  #source(data: unknown, path: string): DataSource | undefined {
    const datasets = isSpec(this.#root["datasets"]) ? this.#root["datasets"] : {};
    const source = dataSource(data, { catalog: this.#catalog, datasets }, path);
    if (source === undefined && isSpec(data) && typeof data["url"] === "string") {
      this.#leave({
        path: pointer(path, "url"),
        reason: "No table has the name of the file: the page loads it",
      });
    }
    return source;
  }

  #leave(part: UnsupportedPart): void {
    this.#unsupported.set(`${part.path} ${part.reason}`, part);
  }

  #composition({ spec, path }: Located, key: string, scope: Scope): Template {
    const layered = key === "layer";
    const shared = layered && scope.source !== undefined;
    const encoding = shared ? mergedEncoding(scope.encoding, spec["encoding"]) : undefined;
    const children = itemsOf(spec[key]).map((child, i) =>
      this.node(isSpec(child) ? child : {}, pointer(path, key, i), {
        ...scope,
        encoding,
        layered,
        beforeLayers: layered ? scope.beforeLayers ?? scope.transforms : undefined,
      })
    );
    const rest = shared ? omit(spec, ["encoding"]) : spec;
    return (rowsOf) => ({ ...rest, [key]: children.map((child) => child(rowsOf)) });
  }

  #facet({ spec, path }: Located, scope: Scope): Template {
    const at = pointer(path, "spec");
    // Checked by the caller.
    const child = spec["spec"] as Spec;
    const { source } = scope;
    if (source === undefined) {
      const inner = this.node(child, at, scope);
      return (rowsOf) => ({ ...spec, spec: inner(rowsOf) });
    }
    const def = isSpec(spec["facet"]) ? spec["facet"] : {};
    const single = def["field"] !== undefined;
    const encoding: Spec = single ? { facet: def } : def;
    const fields = encodingFields(encoding, single ? path : pointer(path, "facet"));
    const attempt = (raw: boolean) => {
      const facet: FacetScope = { fields, units: [], raw };
      return { facet, inner: this.node(child, at, { ...scope, facet }) };
    };
    let { facet, inner } = attempt(false);
    const computes = fields.some((field) => roleOf(field).kind !== "plain" || isSpec(field.def["sort"]));
    const mixed = facet.units.some(isRaw) && !facet.units.every(isRaw);
    if (computes && mixed) {
      this.#leave({
        path: at,
        reason: "Raw and aggregated views share facets that are computed: both take raw rows",
      });
      ({ facet, inner } = attempt(true));
    }
    const name = this.#facetDataset(facet, source);
    return (rowsOf) => {
      const rows = rowsOf(name);
      const changed = replaceFields(encoding, changesOf(facet.units[0], rows, fields));
      return {
        ...spec,
        data: { name },
        facet: single ? changed["facet"] : changed,
        spec: inner((dataset) => dataset === "" ? rows : rowsOf(dataset)),
      };
    };
  }

  /** One data set for all views of a facet. */
  #facetDataset(facet: FacetScope, source: DataSource): string {
    const { units } = facet;
    const [first] = units;
    this.uses++;
    if (first === undefined) {
      return this.list.add(source.name, {
        rows: { pipeline: source.pipeline, localTimes: new Set() },
        hidden: new Set(),
        measures: new Set(),
      });
    }
    if (!severalQueries(units)) return this.list.add(source.name, first);
    const parts = units.map(({ rows }, i) =>
      rows.pipeline.derive([{ name: UNIT_COLUMN, value: literal(i), type: INTEGER }])
    );
    const pipeline = QueryPipeline.union(parts).sort([{ column: UNIT_COLUMN }]);
    return this.list.add(source.name, {
      rows: { pipeline, localTimes: new Set(units.flatMap(({ rows }) => [...rows.localTimes])) },
      hidden: new Set(units.flatMap(({ hidden }) => [...hidden])),
      measures: new Set(units.flatMap(({ measures }) => [...measures])),
    });
  }

  #unit({ spec, path }: Located, scope: Scope, source: DataSource): Template {
    const encoding = mergedEncoding(scope.encoding, spec["encoding"]);
    const unit: Spec = encoding === undefined ? spec : { ...spec, encoding };
    const rows = { pipeline: source.pipeline, localTimes: new Set<string>() };
    const transforms: TransformScope = {
      constants: this.#constants,
      timeZone: this.#catalog.timeZone,
      source: (data, at) => this.#source(data, at)?.pipeline,
    };
    const transformed = runTransforms(rows, scope.transforms, transforms);
    const shared = scope.beforeLayers;
    const binRows = shared === undefined || shared.length === scope.transforms.length
      ? undefined
      : runTransforms(rows, shared, transforms).rows.pipeline;
    if (transformed.stop !== undefined) this.#leave(transformed.stop);
    const query = this.#unitQuery({ spec: unit, path }, scope, { ...transformed, binRows });
    const rest = this.#restOf(transformed.rest);
    if (scope.facet !== undefined) {
      const { units, fields } = scope.facet;
      const index = units.push(query) - 1;
      return (rowsOf) => {
        const own = severalQueries(units)
          ? [{ filter: `datum[${JSON.stringify(UNIT_COLUMN)}] === ${index}` }]
          : [];
        return this.#filled(unit, query, { transforms: [...own, ...rest], facets: fields }, rowsOf(""));
      };
    }
    const name = this.list.add(source.name, query);
    this.uses++;
    return (rowsOf) => ({
      data: { name },
      ...this.#filled(unit, query, { transforms: rest, facets: [] }, rowsOf(name)),
    });
  }

  #filled(
    unit: Spec,
    query: UnitQuery,
    { transforms, facets }: {
      readonly transforms: readonly Spec[];
      readonly facets: readonly EncodingField[];
    },
    rows: readonly ChartRow[],
  ): Spec {
    const encoding = isSpec(unit["encoding"]) ? unit["encoding"] : undefined;
    const changed = encoding && replaceFields(encoding, changesOf(query, rows, facets, false));
    return {
      ...unit,
      ...(transforms.length === 0 ? {} : { transform: transforms }),
      ...(query.mark === undefined ? {} : { mark: query.mark }),
      ...(changed === undefined ? {} : { encoding: { ...changed, ...query.added } }),
    };
  }

  #unitQuery(
    { spec, path }: Located,
    scope: Scope,
    { rows, rest, binRows }: TransformResult & { readonly binRows: QueryPipeline | undefined },
  ): UnitQuery {
    const encoding = isSpec(spec["encoding"]) ? spec["encoding"] : {};
    const facets = scope.facet?.fields ?? [];
    const raw = () => rawUnit(spec, rows, [rest.map((each) => each.spec), facets.map(({ def }) => def)]);
    if (rest.length === 0) requireFields(spec, rows, path);
    if (rest.length > 0 || scope.facet?.raw === true) return raw();
    if (!aggregates(encoding) && !isComposite(spec["mark"])) return raw();
    const selection = this.#selectionOfData(spec);
    if (selection !== undefined) {
      this.#leave({
        path: pointer(path, "params"),
        reason: `The selection ${selection} filters data: the view that makes it takes raw rows`,
      });
      return raw();
    }
    try {
      const config = isSpec(this.#root["config"]) ? this.#root["config"] : {};
      return aggregateUnit(spec, rows, {
        titles: titleStyle(config),
        timeZone: this.#catalog.timeZone,
        facets,
        binRows,
        config,
      }, path);
    } catch (error) {
      if (!(error instanceof QueryError) || error.code !== "unsupported") throw error;
      const at = error.details["path"];
      this.#leave({ path: typeof at === "string" ? at : path, reason: error.message });
      return raw();
    }
  }

  /** A selection of the view, or of all views, that some data depend on. */
  #selectionOfData(unit: Spec): string | undefined {
    const params = [...itemsOf(unit["params"]), ...itemsOf(this.#root["params"])];
    const names = params.flatMap((param) =>
      isSpec(param) && param["select"] !== undefined ? [String(param["name"])] : []
    );
    return names.find((name) => this.#selections.has(name));
  }

  /** Transforms that stay; tables that they look up become data sets. */
  #restOf(rest: readonly Located[]): readonly Spec[] {
    return rest.map(({ spec, path }) => {
      const { from } = spec;
      if (!isSpec(from) || from["data"] === undefined) return spec;
      const source = this.#source(from["data"], pointer(path, "from", "data"));
      if (source === undefined) return spec;
      this.uses++;
      const name = this.list.add(source.name, {
        rows: { pipeline: source.pipeline, localTimes: new Set() },
        hidden: new Set(),
        measures: new Set(),
      });
      return { ...spec, from: { ...from, data: { name } } };
    });
  }
}

/** What changes of some fields, or of all but them. */
function changesOf(
  unit: UnitQuery | undefined,
  rows: readonly ChartRow[],
  fields: readonly EncodingField[],
  among = true,
): ReadonlyMap<EncodingField, Spec> {
  return new Map([...unit?.change(rows) ?? []].filter(([field]) => fields.includes(field) === among));
}

function isRaw(unit: UnitQuery): boolean {
  return unit.hidden.size === 0 && unit.change([]).size === 0;
}

function isComposite(mark: unknown): boolean {
  const type = isSpec(mark) ? mark["type"] : mark;
  return type === "boxplot" || type === "errorbar" || type === "errorband";
}

function severalQueries(units: readonly UnitQuery[]): boolean {
  return new Set(units.map(({ rows }) => JSON.stringify(rows.pipeline.build()))).size > 1;
}
