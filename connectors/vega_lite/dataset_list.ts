/**
 * The data sets of a compiled spec: one for each different query, and how their rows become values.
 *
 * @module
 */
import type { ChartDataset, ChartRow } from "../charts/chart_kind.ts";
import type { Query } from "../../src/query/ast.ts";
import type { UnitQuery } from "./aggregate_unit.ts";
import { fieldOfColumn } from "./field_name.ts";
import { withoutZone } from "./row_changeset.ts";
import { isSpec, type Spec } from "./spec_shape.ts";

interface Entry extends ChartDataset {
  readonly key: string;
  readonly hidden: ReadonlySet<string>;
  readonly measures: ReadonlySet<string>;
  readonly localTimes: ReadonlySet<string>;
  /** Columns of numbers, which arrive as text where a double cannot hold them. */
  readonly numbers: ReadonlySet<string>;
  readonly columns: readonly string[];
}

/** Collects the queries of views; equal ones share a data set. */
export class DatasetList {
  readonly #entries: Entry[] = [];

  /** Name of the data set of `unit`. */
  add(name: string, unit: Pick<UnitQuery, "rows" | "hidden" | "measures">): string {
    const query = unit.rows.pipeline.build();
    const key = JSON.stringify(query);
    const known = this.#entries.find((entry) => entry.key === key);
    if (known !== undefined) return known.name;
    const entry = { key, name: this.#unused(name), query, ...columnSets(unit) };
    this.#entries.push(entry);
    return entry.name;
  }

  /** The data sets in order. */
  get datasets(): readonly { readonly name: string; readonly query: Query }[] {
    return this.#entries.map(({ name, query }) => ({ name, query }));
  }

  /** The rows of a data set as Vega-Lite wants them. */
  values(name: string, rows: readonly ChartRow[]): readonly Spec[] {
    const entry = this.#entries.find((each) => each.name === name);
    return entry === undefined ? rows : rows.map((row) => value(row, entry));
  }

  /** What a page has to know of the columns to change a data set: a note for `usermeta`. */
  notes(spec: Spec): Spec {
    const temporal = temporalFields(spec);
    return Object.fromEntries(this.#entries.map(({ name, localTimes, measures, columns }) => [name, {
      times: columns.filter((column) => temporal.has(fieldOfColumn(column))),
      localTimes: columns.filter((column) => localTimes.has(column)),
      measures: columns.filter((column) => measures.has(column)),
    }]));
  }

  #unused(name: string): string {
    const taken = new Set(this.#entries.map((entry) => entry.name));
    let free = name;
    for (let i = 2; taken.has(free); i++) free = `${name}_${i}`;
    return free;
  }
}

const NUMERIC_KINDS: ReadonlySet<string | undefined> = new Set([
  "smallint",
  "integer",
  "bigint",
  "decimal",
  "numeric",
  "real",
  "double",
]);

function columnSets({ rows, hidden, measures }: Pick<UnitQuery, "rows" | "hidden" | "measures">) {
  const columns = rows.pipeline.columns ?? [];
  const numbers = columns.filter(({ type }) => NUMERIC_KINDS.has(type?.kind)).map(({ name }) => name);
  return {
    hidden,
    measures,
    localTimes: rows.localTimes,
    numbers: new Set(numbers),
    columns: columns.map(({ name }) => name),
  };
}

/** Fields that are drawn as times. */
function temporalFields(spec: Spec): ReadonlySet<string> {
  const found = new Set<string>();
  const open: unknown[] = [spec];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (Array.isArray(node)) open.push(...node.filter((item: unknown) => item !== undefined));
    if (!isSpec(node)) continue;
    const { field, type, timeUnit } = node;
    if (typeof field === "string" && (type === "temporal" || timeUnit !== undefined)) found.add(field);
    open.push(...Object.values(node).filter((item) => item !== undefined));
  }
  return found;
}

function value(row: ChartRow, { hidden, measures, localTimes, numbers }: Entry): Spec {
  return Object.fromEntries(
    Object.entries(row).filter(([name, item]) => !hidden.has(name) && (item !== null || !measures.has(name)))
      .map(([name, item]) => {
        if (typeof item !== "string") return [name, item];
        if (numbers.has(name)) return [name, Number(item)];
        // Without a zone the page reads a wall clock in its own: 3 o'clock here is drawn at 3 there.
        return [name, localTimes.has(name) ? withoutZone(item) : item];
      }),
  );
}
