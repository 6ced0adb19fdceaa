/**
 * Lineage: what a relation is made from, and what is made from it.
 *
 * ```
 * orders ─┐
 *         ├─► daily ─► weekly          upstream of daily: orders, customer; downstream: weekly
 * customer┘
 * ```
 *
 * Made from the readers of each relation, so it costs one look at every view for each relation of the catalogue.
 *
 * @module
 */
import { SchemaError } from "../base/error.ts";
import type { Kernel } from "./kernel.ts";

/** `reader` reads `source`, directly. */
export interface LineageEdge {
  /** A table or view. */
  readonly source: string;
  /** The plain or materialized view that names it in its query. */
  readonly reader: string;
}

/** The lineage of one relation. */
export interface Lineage {
  /** The relation. */
  readonly name: string;
  /** How what it is made from hangs together, at any depth, nearest first. */
  readonly upstream: readonly LineageEdge[];
  /** How what is made from it hangs together: what is late, wrong or broken when it is. */
  readonly downstream: readonly LineageEdge[];
}

/**
 * The lineage of a table or view.
 *
 * @throws {SchemaError} `unknown-object`
 */
export function lineageOf(kernel: Kernel, name: string): Lineage {
  const names = kernel.catalog.relationNames();
  if (kernel.catalog.relation(name) === undefined) {
    throw new SchemaError("unknown-object", `There is no table or view "${name}"`, {
      details: { name },
      hint: names.length === 0 ? "create one first" : "see db.catalog.relationNames()",
    });
  }
  const edges = names.flatMap((source) => kernel.readersOf(source).map((reader) => ({ source, reader })));
  return {
    name,
    upstream: reach(name, edgesBy(edges, (edge) => edge.reader), (edge) => edge.source),
    downstream: reach(name, edgesBy(edges, (edge) => edge.source), (edge) => edge.reader),
  };
}

/** Not every runtime has Map.groupBy. */
function edgesBy(
  edges: readonly LineageEdge[],
  nameOf: (edge: LineageEdge) => string,
): ReadonlyMap<string, readonly LineageEdge[]> {
  const groups = new Map<string, LineageEdge[]>();
  for (const edge of edges) {
    const group = groups.get(nameOf(edge));
    if (group === undefined) groups.set(nameOf(edge), [edge]);
    else group.push(edge);
  }
  return groups;
}

/** The edges that are met on the way from `name`, breadth first. */
function reach(
  name: string,
  edgesOf: ReadonlyMap<string, readonly LineageEdge[]>,
  next: (edge: LineageEdge) => string,
): LineageEdge[] {
  const found: LineageEdge[] = [];
  const seen = new Set([name]);
  // A set gives what is added while it is walked.
  for (const at of seen) {
    for (const edge of edgesOf.get(at) ?? []) {
      found.push(edge);
      seen.add(next(edge));
    }
  }
  return found;
}
