/**
 * The join graph of a region: relations as bits, what connects them, and how many rows each subset gives.
 * Columns of one input that are equated with one column must be equal in the input already.
 *
 * Besides inputs of inner joins a relation can be the right side of a semi or anti join: it may only be joined,
 * alone, to a set that holds all relations it refers to. Columns that are equated form classes; joining two sets
 * applies one equality per class that both have, so implied equalities are edges too.
 *
 * The estimate of a set does not depend on the order of joins: relations are taken in one fixed order, from the
 * largest by the smallest result, and semi joins last.
 *
 * @module
 */
import type { ColumnId, Plan, Scalar } from "../query/plan.ts";
import { columnIds, freeColumns } from "../query/plan_walk.ts";
import { type Cardinality, damped, type PlanEstimate } from "./cardinality.ts";
import type { FunctionalDependencies } from "./functional_dependency.ts";
import { ColumnClasses } from "./implied.ts";
import { isExactlyOneRow } from "./row_bound.ts";
import { columnEquality, equal, equalityIsIdentity } from "./scalar.ts";
import { type ColumnEstimates, distinctOf, selectivity } from "./selectivity.ts";

/** A set of relations, as bits. */
export type RelationSet = number;

/** One input of a region. */
export interface Relation {
  readonly index: number;
  readonly plan: Plan;
  readonly kind: "inner" | "semi" | "anti";
  /** Of a semi or anti join. */
  readonly condition: readonly Scalar[];
  /** The relations that the condition refers to. */
  readonly requires: RelationSet;
  readonly estimate: PlanEstimate;
  readonly columns: ReadonlySet<ColumnId>;
  readonly oneRow: boolean;
}

/** What a region is made of. */
export interface GraphInput {
  readonly inputs: readonly Plan[];
  readonly conjuncts: readonly Scalar[];
  readonly filters: readonly {
    readonly kind: "semi" | "anti";
    readonly plan: Plan;
    readonly condition: readonly Scalar[];
  }[];
}

interface Edge {
  readonly conjunct: Scalar;
  readonly relations: RelationSet;
}

/** Number of bits set. */
export function sizeOf(set: RelationSet): number {
  let rest = set - ((set >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return (((rest + (rest >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** The relations, edges and estimates of one region. */
export class JoinGraph {
  readonly relations: readonly Relation[];
  readonly #edges: readonly Edge[];
  readonly #classes: readonly (readonly { readonly relation: number; readonly column: ColumnScalar }[])[];
  readonly #equalities: readonly Scalar[];
  readonly #neighbors: RelationSet[];
  readonly #keys: FunctionalDependencies;
  readonly #estimates: ColumnEstimates;
  readonly #rows = new Map<RelationSet, number>();
  readonly #matched: readonly number[];

  constructor(input: GraphInput, cardinality: Cardinality, keys: FunctionalDependencies) {
    this.#keys = keys;
    const inner = input.inputs.map((plan, index) => innerRelation(plan, index, cardinality));
    const owner = new Map<ColumnId, number>();
    for (const relation of inner) for (const id of relation.columns) owner.set(id, relation.index);
    const setOf = (scalar: Scalar): RelationSet => {
      let set = 0;
      for (const id of freeColumns(scalar)) {
        const index = owner.get(id);
        if (index !== undefined) set |= 1 << index;
      }
      return set;
    };
    this.relations = [
      ...inner,
      ...input.filters.map((filter, place): Relation => ({
        index: inner.length + place,
        plan: filter.plan,
        kind: filter.kind,
        condition: filter.condition,
        requires: filter.condition.reduce((set, conjunct) => set | setOf(conjunct), 0),
        estimate: cardinality.estimate(filter.plan),
        columns: columnIds(filter.plan),
        oneRow: false,
      })),
    ];
    this.#equalities = input.conjuncts.filter((conjunct) => isClassEquality(conjunct));
    this.#edges = input.conjuncts.filter((conjunct) => !this.#equalities.includes(conjunct))
      .map((conjunct) => ({ conjunct, relations: setOf(conjunct) }));
    this.#classes = new ColumnClasses(this.#equalities).classes().map((members) =>
      members.flatMap((column) => {
        const relation = owner.get(column.id);
        return relation === undefined ? [] : [{ relation, column }];
      })
    );
    this.#estimates = new Map(this.relations.flatMap((relation) => [...relation.estimate.columns]));
    this.#matched = this.relations.map((relation) => this.#matchedPart(relation, cardinality));
    this.#neighbors = this.#connect();
  }

  /** The set of all relations. */
  get all(): RelationSet {
    return 2 ** this.relations.length - 1;
  }

  /** The relations outside `set` that are connected with it. */
  neighbors(set: RelationSet): RelationSet {
    let result = 0;
    for (const { index } of this.relations) if (set & (1 << index)) result |= this.#neighbors[index]!;
    return result & ~set;
  }

  /** Whether the relations of `set` can be joined among themselves: each semi join has what it refers to. */
  isComplete(set: RelationSet): boolean {
    return this.relations.every(({ index, kind, requires }) =>
      kind === "inner" || !(set & (1 << index)) || (set & requires) === requires
    );
  }

  /** The semi or anti join that `set` is alone, if it is one. */
  filterOf(set: RelationSet): Relation | undefined {
    if ((set & (set - 1)) !== 0) return undefined;
    return this.relations.find(({ index, kind }) => set === 1 << index && kind !== "inner");
  }

  /** The one-row input that `set` is alone, if it is one. */
  isOneRow(set: RelationSet): boolean {
    return this.relations.some(({ index, oneRow }) => set === 1 << index && oneRow);
  }

  /** The conditions to apply when `left` and `right` are joined. */
  conditions(left: RelationSet, right: RelationSet): readonly Scalar[] {
    const both = left | right;
    const crossing = this.#edges.filter(({ relations }) =>
      (relations & both) === relations && (relations & left) !== relations &&
      (relations & right) !== relations
    );
    return [...this.#classEqualities(left, right), ...crossing.map(({ conjunct }) => conjunct)];
  }

  /** Conditions on no relation or that nothing applied: to be filtered at the end. */
  leftover(): readonly Scalar[] {
    return this.#edges.filter(({ relations }) => sizeOf(relations) < 2).map(({ conjunct }) => conjunct);
  }

  /** The expected number of rows of the join of `set`. */
  rows(set: RelationSet): number {
    const known = this.#rows.get(set);
    if (known !== undefined) return known;
    const rows = this.#estimateRows(set);
    this.#rows.set(set, rows);
    return rows;
  }

  /** One equality for each class that both sides have: within a side its columns are equal already. */
  #classEqualities(left: RelationSet, right: RelationSet): readonly Scalar[] {
    return this.#classes.flatMap((members) => {
      const onLeft = members.filter(({ relation }) => left & (1 << relation));
      const onRight = members.filter(({ relation }) => right & (1 << relation));
      if (onLeft.length === 0 || onRight.length === 0) return [];
      const original = this.#equalities.find((conjunct) => {
        const ids = freeColumns(conjunct);
        return onLeft.some(({ column }) => ids.has(column.id)) &&
          onRight.some(({ column }) => ids.has(column.id));
      });
      return [original ?? equal(onLeft[0]!.column, onRight[0]!.column)];
    });
  }

  #connect(): RelationSet[] {
    const neighbors = this.relations.map(() => 0);
    const link = (set: RelationSet): void => {
      for (const { index } of this.relations) {
        if (set & (1 << index)) neighbors[index]! |= set & ~(1 << index);
      }
    };
    for (const { relations } of this.#edges) link(relations);
    for (const members of this.#classes) {
      link(members.reduce((set, { relation }) => set | (1 << relation), 0));
    }
    for (const { index, kind, requires } of this.relations) {
      if (kind !== "inner") link(requires | (1 << index));
    }
    this.#linkComponents(neighbors, link);
    return neighbors;
  }

  /** Cross products, where the conditions leave no other way: between the smallest inputs of the components. */
  #linkComponents(neighbors: readonly RelationSet[], link: (set: RelationSet) => void): void {
    const smallest: number[] = [];
    let seen = 0;
    for (const { index, kind } of this.relations) {
      if (kind !== "inner" || seen & (1 << index)) continue;
      const component = this.#component(1 << index, neighbors);
      seen |= component;
      const inner = this.relations.filter((relation) =>
        relation.kind === "inner" && component & (1 << relation.index)
      );
      smallest.push(inner.reduce((a, b) => b.estimate.rows < a.estimate.rows ? b : a).index);
    }
    if (smallest.length > 1) link(smallest.reduce((set, index) => set | (1 << index), 0));
  }

  /** What is reachable from `start` over inner relations and their conditions. */
  #component(start: RelationSet, neighbors: readonly RelationSet[]): RelationSet {
    let component = start;
    for (let grown = true; grown;) {
      grown = false;
      for (const { index } of this.relations) {
        const next = component & (1 << index) ? component | neighbors[index]! : component;
        if (next !== component) grown = true;
        component = next;
      }
    }
    return component;
  }

  #matchedPart(relation: Relation, cardinality: Cardinality): number {
    if (relation.kind === "inner") return 1;
    const parts = this.relations.filter(({ index }) => relation.requires & (1 << index)).map((required) =>
      cardinality.semiSelectivity(required.plan, relation.plan, relation.condition)
    );
    const part = parts.length === 0 ? 1 : Math.min(...parts);
    return relation.kind === "semi" ? part : Math.max(1 - part, 0.1);
  }

  #estimateRows(set: RelationSet): number {
    const members = this.relations.filter(({ index }) => set & (1 << index));
    const rest = members.filter(({ kind }) => kind === "inner");
    if (rest.length === 0) return members[0]?.estimate.rows ?? 1;
    rest.sort((a, b) => b.estimate.rows - a.estimate.rows || a.index - b.index);
    const first = rest.shift()!;
    let joined: RelationSet = 1 << first.index;
    let rows = first.estimate.rows;
    while (rest.length > 0) {
      let best = 0;
      let bestRows = Infinity;
      const near = rest.filter(({ index }) => this.#neighbors[index]! & joined);
      for (const candidate of near.length > 0 ? near : rest) {
        const grown = rows * candidate.estimate.rows * this.#selectivityOfStep(joined, candidate);
        if (grown >= bestRows) continue;
        best = rest.indexOf(candidate);
        bestRows = grown;
      }
      joined |= 1 << rest[best]!.index;
      rows = Math.max(bestRows, 1);
      rest.splice(best, 1);
    }
    for (const { index, kind } of members) if (kind !== "inner") rows *= this.#matched[index]!;
    return Math.max(rows, 1);
  }

  /** The part of the cross product of the relations in `joined` with `added` that their conditions keep. */
  #selectivityOfStep(joined: RelationSet, added: Relation): number {
    const pairs = this.#classes.flatMap((members) => {
      const own = members.find(({ relation }) => relation === added.index);
      const others = members.filter(({ relation }) => joined & (1 << relation));
      return own === undefined || others.length === 0 ? [] : [{ own, others }];
    });
    const distinct = (column: ColumnScalar): number => distinctOf(column, this.#estimates, 1e12);
    const parts = pairs.map(({ own, others }) =>
      1 / Math.max(distinct(own.column), Math.min(...others.map(({ column }) => distinct(column))))
    );
    let equalities = parts.reduce((product, part) => product * part, 1);
    if (parts.length > 1) {
      const domains = this.#keyDomains(pairs, added);
      equalities = domains.length > 0 ? Math.max(equalities, 1 / Math.max(...domains, 1)) : damped(parts);
    }
    const bit = 1 << added.index;
    const others = this.#edges.filter(({ relations }) =>
      relations & bit && (relations & (joined | bit)) === relations
    )
      .map(({ conjunct }) => conjunct);
    return equalities *
      selectivity(others.filter((conjunct) => sizeOfColumns(conjunct) > 0), this.#estimates);
  }

  /** Sizes of the domains of relations that the pairs identify by a key. */
  #keyDomains(
    pairs: readonly { readonly own: ClassMember; readonly others: readonly ClassMember[] }[],
    added: Relation,
  ): readonly number[] {
    const domains: number[] = [];
    if (this.#keys.isUnique(added.plan, pairs.map(({ own }) => own.column.id))) {
      domains.push(added.estimate.baseRows);
    }
    const byRelation = new Map<number, ColumnId[]>();
    for (const { others } of pairs) {
      for (const { relation, column } of others) {
        const ids = byRelation.get(relation);
        if (ids === undefined) byRelation.set(relation, [column.id]);
        else ids.push(column.id);
      }
    }
    for (const [index, ids] of byRelation) {
      const relation = this.relations[index]!;
      if (ids.length === pairs.length && this.#keys.isUnique(relation.plan, ids)) {
        domains.push(relation.estimate.baseRows);
      }
    }
    return domains;
  }
}

type ColumnScalar = Scalar & { readonly kind: "column" };
interface ClassMember {
  readonly relation: number;
  readonly column: ColumnScalar;
}

function sizeOfColumns(scalar: Scalar): number {
  return freeColumns(scalar).size;
}

function isClassEquality(conjunct: Scalar): boolean {
  const equality = columnEquality(conjunct);
  return equality !== undefined && equality.rejectsNull && equalityIsIdentity(equality.left.type);
}

function innerRelation(plan: Plan, index: number, cardinality: Cardinality): Relation {
  return {
    index,
    plan,
    kind: "inner",
    condition: [],
    requires: 0,
    estimate: cardinality.estimate(plan),
    columns: columnIds(plan),
    oneRow: isExactlyOneRow(plan),
  };
}
