/**
 * Functions as data: scalar functions, aggregates, window and table functions, and the registry of them.
 *
 * A scalar function is a name with signatures; each signature computes one row from datums. The batch
 * executor has vectorised kernels for the frequent ones (by name and types) and falls back to `evaluate`,
 * once per distinct dictionary value where it can. A custom metric is one {@linkcode AggregateDefinition}.
 *
 * @module
 */
import type { Datum, SqlType, SqlTypeKind } from "../storage/sql_type.ts";

/**
 * What a parameter accepts. A kind accepts that kind (any length or scale). `anyelement` and `anyarray`
 * stand for one type throughout a signature. `number` accepts every numeric kind as it is.
 */
export type TypePattern = SqlTypeKind | "any" | "anyelement" | "anyarray" | "number";

/** What a call may depend on besides its arguments. Fixed during a statement. */
export interface CallContext {
  /** The statement's timestamp: microseconds since 1970-01-01 UTC. */
  readonly nowMicros: number;
  /** IANA name of the session's time zone. */
  readonly timeZone: string;
  /** For random(): a double in [0, 1). */
  readonly random: () => number;
  /** Types of the arguments of this call, and of its result. */
  readonly argumentTypes: readonly SqlType[];
  /** Type of the result of this call. */
  readonly resultType: SqlType;
}

/** One overload of a scalar function. */
export interface ScalarSignature {
  /** What the arguments must be, in order. */
  readonly parameters: readonly TypePattern[];
  /** The last parameter may be repeated, or left out. */
  readonly variadic?: boolean;
  /** Number of trailing parameters that may be left out. */
  readonly optional?: number;
  /** The type of the result, which may follow from the arguments. */
  readonly returns: SqlType | ((argumentTypes: readonly SqlType[]) => SqlType);
  /** Computes one row. With `nulls: "strict"` it never sees a NULL. */
  readonly evaluate: (args: readonly Datum[], context: CallContext) => Datum;
}

/** A scalar function or operator. */
export interface ScalarFunction {
  /** Lower case; operators by their sign. */
  readonly name: string;
  /** The overloads; the binder takes the best fit. */
  readonly signatures: readonly ScalarSignature[];
  /** `immutable`: same arguments, same result. `stable`: fixed within a statement. `volatile`: neither. */
  readonly volatility: "immutable" | "stable" | "volatile";
  /** `strict`: NULL when any argument is NULL. `called`: the function decides. */
  readonly nulls: "strict" | "called";
}

/** One overload of an aggregate: what it takes and gives. */
export interface AggregateSignature {
  /** What the arguments must be, in order. */
  readonly parameters: readonly TypePattern[];
  /** The last parameter may be repeated, or left out. */
  readonly variadic?: boolean;
  /** The type of the result, which may follow from the arguments. */
  readonly returns: SqlType | ((argumentTypes: readonly SqlType[]) => SqlType);
}

/**
 * An aggregate function, built in or a custom metric. With `remove` it is maintained in O(1) per change, with
 * `merge` partial states can be combined; without them the engine recomputes what it must.
 *
 * @example A custom metric
 * ```ts
 * import { assert } from "@std/assert";
 * import type { AggregateDefinition } from "./function.ts";
 *
 * const netPromoterScore: AggregateDefinition<{ promoters: number; detractors: number; count: number }> = {
 *   name: "net_promoter_score",
 *   signatures: [{ parameters: ["integer"], returns: { kind: "double" } }],
 *   init: () => ({ promoters: 0, detractors: 0, count: 0 }),
 *   add: (state, [score]) => {
 *     if (score === null) return;
 *     state.count++;
 *     if (Number(score) >= 9) state.promoters++;
 *     if (Number(score) <= 6) state.detractors++;
 *   },
 *   value: (state) => state.count === 0 ? null : (100 * (state.promoters - state.detractors)) / state.count,
 * };
 * assert(netPromoterScore.name === "net_promoter_score");
 * ```
 */
export interface AggregateDefinition<State = unknown> {
  /** Lower case. */
  readonly name: string;
  /** The overloads; the binder takes the best fit. */
  readonly signatures: readonly AggregateSignature[];
  /** `WITHIN GROUP (ORDER BY ...)`: the sort expressions come after the direct arguments. */
  readonly ordered?: boolean;
  /** The state of a group before its first row. */
  readonly init: (context: CallContext) => State;
  /** Adds one row. NULL arguments are passed too: most aggregates skip them. */
  readonly add: (state: State, args: readonly Datum[]) => void;
  /** Undoes one `add` of the same arguments. */
  readonly remove?: (state: State, args: readonly Datum[]) => void;
  /** Adds `other` into `state`. */
  readonly merge?: (state: State, other: State) => void;
  /** The result of a group; the state stays valid. */
  readonly value: (state: State, context: CallContext) => Datum;
}

/** A window function that is no aggregate: its value follows from the partition's order. */
export interface WindowFunction {
  readonly name: string;
  readonly signatures: readonly (AggregateSignature & { readonly optional?: number })[];
}

/** A set-returning function: from one row's arguments to rows of `returns` columns. */
export interface TableFunctionDefinition {
  /** Lower case. */
  readonly name: string;
  /** The overloads; the binder takes the best fit. */
  readonly signatures: readonly {
    readonly parameters: readonly TypePattern[];
    readonly variadic?: boolean;
    readonly optional?: number;
    readonly returns: (
      argumentTypes: readonly SqlType[],
    ) => readonly { readonly name: string; readonly type: SqlType }[];
    /** Rows, each an array of one datum per column. Lazy, so that limits can stop it. */
    readonly evaluate: (args: readonly Datum[], context: CallContext) => Iterable<readonly Datum[]>;
  }[];
}
