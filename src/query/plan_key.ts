/**
 * Canonical strings for plans and scalars: two nodes with the same key compute the same.
 *
 * Ids are numbered by first appearance and spans, names and aliases are left out, so that two occurrences of
 * one query, bound at different times, get one key. The circuit shares operators by it, the planner finds
 * repeated conditions. O(size).
 *
 * @module
 */
import type { ColumnId, Plan, PlanColumn, Scalar } from "./plan.ts";
import { planColumns, planNodes } from "./plan_walk.ts";

/** Numbers for ids, in order of first appearance. */
interface Numbering {
  readonly columns: Map<ColumnId, number>;
  readonly tables: Map<number, number>;
}

/** The key of `scalar` within one plan: column ids stand as they are. */
export function scalarKey(scalar: Scalar): string {
  return JSON.stringify(scalar, replacer(undefined));
}

/** What a plan computes, whatever its column ids are. */
export interface PlanIdentity {
  /** The same for every copy of the plan. */
  readonly key: string;
  /** The plan's columns, at every depth, by their number in the key. */
  readonly columns: readonly PlanColumn[];
}

/** The key of `plan`: the same for every copy of it. Columns from outside keep their ids. */
export function planKey(plan: Plan): string {
  return identifyPlan(plan).key;
}

/** The key of `plan`, and which of its columns each number in it stands for. */
export function identifyPlan(plan: Plan): PlanIdentity {
  const numbering: Numbering = { columns: new Map(), tables: new Map() };
  const columns: PlanColumn[] = [];
  for (const node of planNodes(plan)) {
    for (const column of planColumns(node)) {
      if (numbering.columns.has(column.id)) continue;
      number(numbering.columns, column.id);
      columns.push(column);
    }
    if (node.kind === "with") { for (const table of node.tables) number(numbering.tables, table.cte); }
    if (node.kind === "fixpoint") number(numbering.tables, node.cte);
  }
  return { key: JSON.stringify(plan, replacer(numbering)), columns };
}

function number(numbers: Map<number, number>, id: number): void {
  if (!numbers.has(id)) numbers.set(id, numbers.size);
}

const IGNORED: ReadonlySet<string> = new Set(["span", "alias", "name", "nullable"]);
/** Where the value of `name` is part of the meaning: calls. */
const NAMED_KINDS: ReadonlySet<unknown> = new Set(["call"]);
const COLUMN_FIELDS: ReadonlySet<string> = new Set(["id", "source"]);
const COLUMN_LISTS: ReadonlySet<string> = new Set([
  "leftColumns",
  "rightColumns",
  "baseColumns",
  "stepColumns",
  "ties",
]);

function replacer(numbering: Numbering | undefined): (this: unknown, key: string, value: unknown) => unknown {
  const columnOf = (id: number): string | number => {
    const known = numbering?.columns.get(id);
    return known === undefined ? id : `#${known}`;
  };
  return function (key, value) {
    if (IGNORED.has(key)) {
      const named = key === "name" && typeof this === "object" && this !== null && "kind" in this &&
        NAMED_KINDS.has(this.kind);
      return named ? value : undefined;
    }
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "number" && !Number.isFinite(value)) return `${value}`;
    if (Object.is(value, -0)) return "-0";
    if (numbering === undefined) return value;
    if (typeof value === "number" && COLUMN_FIELDS.has(key)) return columnOf(value);
    if (typeof value === "number" && key === "cte") return `@${numbering.tables.get(value) ?? value}`;
    if (Array.isArray(value) && COLUMN_LISTS.has(key)) {
      return value.map((id: unknown) => typeof id === "number" ? columnOf(id) : id);
    }
    return value;
  };
}
