/**
 * Rows as the tree that `treemap` and `sunburst` draw: one level for each column of the path.
 *
 * @module
 */
import type { ChartRow } from "../charts/chart_kind.ts";
import { MISSING } from "../charts/chart_text.ts";
import { numberOf } from "../charts/number_format.ts";
import type { JsonObject } from "./option_json.ts";

/** A node with its children. */
interface Branch {
  readonly name: string;
  value: number;
  readonly children: Map<string, Branch>;
}

/** The nodes of the first level; values add up. O(rows x levels). */
export function treeRows(
  rows: readonly ChartRow[],
  path: readonly string[],
  value: string,
): readonly JsonObject[] {
  const root: Branch = { name: "", value: 0, children: new Map() };
  for (const row of rows) {
    let branch = root;
    for (const column of path) {
      const name = String(row[column] ?? MISSING);
      let child = branch.children.get(name);
      if (child === undefined) {
        child = { name, value: 0, children: new Map() };
        branch.children.set(name, child);
      }
      child.value += numberOf(row[value]) ?? 0;
      branch = child;
    }
  }
  return nodesOf(root);
}

function nodesOf({ children }: Branch): readonly JsonObject[] {
  return [...children.values()].map((branch) => ({
    name: branch.name,
    value: branch.value,
    ...(branch.children.size === 0 ? {} : { children: nodesOf(branch) }),
  }));
}
