/**
 * Conditions that follow from others: what holds for a column holds for the columns that equal it, and what
 * every branch of an OR demands of one input can be tested on that input alone.
 *
 * @module
 */
import type { ColumnId, Scalar } from "../query/plan.ts";
import { conjunction, freeColumns, splitConjuncts, substituteColumns } from "../query/plan_walk.ts";
import { scalarKey } from "../query/plan_key.ts";
import { isVolatile, type PlannerFunctions } from "./environment.ts";
import { columnEquality, comparisonOf, disjunction, equal, equalityIsIdentity, readsOnly } from "./scalar.ts";
import { disjunctiveBranches, simplifyScalar } from "./simplify.ts";

/** Columns partitioned by equality. */
export class ColumnClasses {
  readonly #parent = new Map<ColumnId, ColumnId>();
  readonly #columns = new Map<ColumnId, Scalar & { readonly kind: "column" }>();

  /** Takes in the equalities among `conjuncts` whose two sides are the same value. */
  constructor(conjuncts: readonly Scalar[] = []) {
    for (const conjunct of conjuncts) this.add(conjunct);
  }

  /** Merges the classes of the two columns, when `conjunct` equates columns. */
  add(conjunct: Scalar): boolean {
    const equality = columnEquality(conjunct);
    if (equality === undefined || !equality.rejectsNull) return false;
    if (!equalityIsIdentity(equality.left.type)) return false;
    const { left, right } = equality;
    this.#columns.set(left.id, this.#columns.get(left.id) ?? left);
    this.#columns.set(right.id, this.#columns.get(right.id) ?? right);
    this.#parent.set(this.find(left.id), this.find(right.id));
    return true;
  }

  /** The representative of the class of `id`. */
  find(id: ColumnId): ColumnId {
    let root = id;
    for (
      let next = this.#parent.get(root);
      next !== undefined && next !== root;
      next = this.#parent.get(root)
    ) {
      root = next;
    }
    return root;
  }

  /** Whether `id` is equated with anything. */
  has(id: ColumnId): boolean {
    return this.#columns.has(id);
  }

  /** The members of the class of `id`. */
  members(id: ColumnId): readonly (Scalar & { readonly kind: "column" })[] {
    const root = this.find(id);
    return [...this.#columns.values()].filter((column) => this.find(column.id) === root);
  }

  /** All classes. */
  classes(): readonly (readonly (Scalar & { readonly kind: "column" })[])[] {
    const byRoot = new Map<ColumnId, (Scalar & { readonly kind: "column" })[]>();
    for (const column of this.#columns.values()) {
      const root = this.find(column.id);
      const members = byRoot.get(root);
      if (members === undefined) byRoot.set(root, [column]);
      else members.push(column);
    }
    return [...byRoot.values()];
  }
}

/** Conditions on single columns that follow from `conjuncts` and are not among them. */
export function impliedByEquality(
  conjuncts: readonly Scalar[],
  functions: PlannerFunctions,
): readonly Scalar[] {
  const classes = new ColumnClasses(conjuncts);
  const known = new Set(conjuncts.map(scalarKey));
  const implied: Scalar[] = [];
  for (const conjunct of conjuncts) {
    const [id, ...others] = freeColumns(conjunct);
    if (id === undefined || others.length > 0 || !classes.has(id)) continue;
    if (!isTransferable(conjunct) || isVolatile(conjunct, functions)) continue;
    for (const member of classes.members(id)) {
      if (member.id === id) continue;
      const transferred = substituteColumns(conjunct, new Map([[id, member]]));
      const key = scalarKey(transferred);
      if (!known.has(key)) implied.push(transferred);
      known.add(key);
    }
  }
  return implied;
}

/** Cheap tests that narrow what is read: comparisons with constants, IN lists, patterns. */
function isTransferable(scalar: Scalar): boolean {
  if (scalar.kind === "inList") return scalar.argument.kind === "column";
  if (scalar.kind === "not") return scalar.argument.kind === "inList";
  const comparison = comparisonOf(scalar);
  if (comparison !== undefined) {
    return comparison.left.kind === "column" || comparison.right.kind === "column";
  }
  return scalar.kind === "call" && scalar.name === "like" && scalar.arguments[0]?.kind === "column";
}

/** For each OR in `conjuncts`: what all its branches demand of columns in `columns` alone, as an OR. */
export function impliedByDisjunction(
  conjuncts: readonly Scalar[],
  columns: ReadonlySet<ColumnId>,
  functions: PlannerFunctions,
): readonly Scalar[] {
  return conjuncts.flatMap((conjunct) => {
    if (conjunct.kind !== "or" || readsOnly(conjunct, columns)) return [];
    const branches = disjunctiveBranches(conjunct).map((parts) =>
      parts.filter((part) => freeColumns(part).size > 0 && readsOnly(part, columns))
    );
    if (branches.some((parts) => parts.length === 0)) return [];
    const implied = disjunction(branches.map((parts) => conjunction(parts) ?? conjunct));
    return splitConjuncts(simplifyScalar(implied, functions, new Set()));
  });
}

/** Equalities between columns of one input that follow from `conjuncts`: both equal a third column. */
export function impliedWithin(
  conjuncts: readonly Scalar[],
  columns: ReadonlySet<ColumnId>,
): readonly Scalar[] {
  const known = new Set(conjuncts.map(scalarKey));
  return new ColumnClasses(conjuncts).classes().flatMap((members) => {
    const [first, ...others] = members.filter((column) => columns.has(column.id));
    if (first === undefined) return [];
    return others.map((column) => equal(first, column)).filter((conjunct) => !known.has(scalarKey(conjunct)));
  });
}
