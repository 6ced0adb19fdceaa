/**
 * Window functions of the reference engine: for every row, look at its whole partition.
 *
 * Partition, sort, find the frame by testing every row of the partition against its definition, compute from
 * the rows of the frame. O(n^2) a partition.
 *
 * @module
 */
import { unreachable } from "../../src/base/assert.ts";
import { LimitError, QueryError } from "../../src/base/error.ts";
import type { RowEnvironment, RowLookup } from "../../src/exec/row_evaluator.ts";
import { castDatum } from "../../src/query/functions/cast.ts";
import { compareDatums } from "../../src/query/functions/compare.ts";
import type { FrameBoundPlan, WindowCall } from "../../src/query/plan.ts";
import type { Datum, SqlType } from "../../src/storage/sql_type.ts";
import type { Evaluation } from "./reference_engine.ts";
import { compareKeys, rowKey, sortByKeys } from "./row_order.ts";

/** Rows of a partition beyond which its square is too much. */
const PARTITION_ROWS_MAX = 300;

interface Entry {
  readonly index: number;
  readonly row: RowLookup;
  readonly keys: readonly Datum[];
}

/** The values of `call`, one for each of `rows`. */
export function windowValues(
  call: WindowCall,
  rows: readonly RowLookup[],
  evaluation: Evaluation,
  env: RowEnvironment,
): Datum[] {
  const partitions = new Map<string, Entry[]>();
  rows.forEach((row, index) => {
    const key = rowKey(
      call.partitionBy.map((one) => evaluation.value(one, row)),
      call.partitionBy.map((one) => one.type),
    );
    const entry = { index, row, keys: call.orderBy.map((one) => evaluation.value(one.expression, row)) };
    const partition = partitions.get(key);
    if (partition === undefined) partitions.set(key, [entry]);
    else partition.push(entry);
  });
  const values = new Array<Datum>(rows.length).fill(null);
  for (const partition of partitions.values()) {
    if (partition.length > PARTITION_ROWS_MAX) {
      throw new LimitError(
        "fan-out-limit",
        `Partition too large to look at naively: received ${partition.length}`,
      );
    }
    const sorted = sortByKeys(partition, call.orderBy);
    const window = new Partition(call, sorted, evaluation, env);
    sorted.forEach((entry, at) => values[entry.index] = window.value(at));
  }
  return values;
}

class Partition {
  readonly #call: WindowCall;
  readonly #entries: readonly Entry[];
  readonly #evaluation: Evaluation;
  readonly #env: RowEnvironment;

  constructor(call: WindowCall, entries: readonly Entry[], evaluation: Evaluation, env: RowEnvironment) {
    this.#call = call;
    this.#entries = entries;
    this.#evaluation = evaluation;
    this.#env = env;
  }

  value(at: number): Datum {
    const entries = this.#entries;
    const count = entries.length;
    const before = entries.filter((_, i) => this.#order(i, at) < 0).length;
    const peersEnd = entries.filter((_, i) => this.#order(i, at) <= 0).length;
    switch (this.#call.function) {
      case "row_number":
        return at + 1;
      case "rank":
        return before + 1;
      case "dense_rank":
        return this.#group(at) + 1;
      case "percent_rank":
        return count === 1 ? 0 : before / (count - 1);
      case "cume_dist":
        return peersEnd / count;
      case "ntile":
        return this.#ntile(at);
      case "lag":
      case "lead":
        return this.#neighbour(at, this.#call.function === "lag" ? -1 : 1);
      case "first_value":
      case "last_value":
      case "nth_value":
        return this.#framed(at);
      default:
        return this.#evaluation.aggregate(
          { ...this.#call, orderBy: [] },
          this.#frame(at).map((i) => entries[i]!.row),
        );
    }
  }

  #order(i: number, j: number): number {
    return compareKeys(this.#entries[i]!.keys, this.#entries[j]!.keys, this.#call.orderBy);
  }

  /** The index of the peer group of row `at`. */
  #group(at: number): number {
    let group = 0;
    for (let i = 1; i <= at; i++) if (this.#order(i - 1, i) !== 0) group++;
    return group;
  }

  #argument(index: number, at: number): Datum {
    const argument = this.#call.arguments[index];
    return argument === undefined ? null : this.#evaluation.value(argument, this.#entries[at]!.row);
  }

  /** PostgreSQL evaluates the number of buckets in the first row. */
  #ntile(at: number): Datum {
    const argument = this.#argument(0, 0);
    if (argument === null) return null;
    const buckets = Number(argument);
    if (buckets <= 0) throw new QueryError("invalid-value", "ntile needs a positive number");
    const count = this.#entries.length;
    const small = Math.floor(count / buckets);
    const large = count % buckets;
    const inLarge = large * (small + 1);
    return at < inLarge ? Math.floor(at / (small + 1)) + 1 : large + Math.floor((at - inLarge) / small) + 1;
  }

  #neighbour(at: number, direction: 1 | -1): Datum {
    const offset = this.#call.arguments.length > 1 ? this.#argument(1, at) : 1;
    if (offset === null) return null;
    const step = Number(offset) < 0 ? -direction : direction;
    let left = Math.abs(Number(offset));
    if (!this.#call.ignoreNulls || left === 0) {
      const target = at + step * left;
      return target >= 0 && target < this.#entries.length ? this.#argument(0, target) : this.#argument(2, at);
    }
    for (let i = at + step; i >= 0 && i < this.#entries.length; i += step) {
      const value = this.#argument(0, i);
      if (value !== null && --left === 0) return value;
    }
    return this.#argument(2, at);
  }

  #framed(at: number): Datum {
    const values = this.#frame(at).map((i) => this.#argument(0, i))
      .filter((value) => !this.#call.ignoreNulls || value !== null);
    if (this.#call.function === "first_value") return values[0] ?? null;
    if (this.#call.function === "last_value") return values.at(-1) ?? null;
    const nth = this.#argument(1, at);
    if (nth === null) return null;
    if (Number(nth) <= 0) throw new QueryError("invalid-value", "nth_value needs a positive number");
    return values[Number(nth) - 1] ?? null;
  }

  /** The rows of the frame of row `at`, in order. */
  #frame(at: number): number[] {
    const { start, end, exclude } = this.#call.frame;
    const group = this.#group(at);
    return [...this.#entries.keys()].filter((i) => {
      if (!this.#within(start, i, at, group, 1) || !this.#within(end, i, at, group, -1)) return false;
      if (exclude === "current row") return i !== at;
      if (exclude === "group") return this.#order(i, at) !== 0;
      if (exclude === "ties") return i === at || this.#order(i, at) !== 0;
      return true;
    });
  }

  /** Whether row `i` lies on the inner side of a bound: `side` 1 for the start, -1 for the end. */
  #within(bound: FrameBoundPlan, i: number, at: number, group: number, side: 1 | -1): boolean {
    if (bound.kind === "unboundedPreceding" || bound.kind === "unboundedFollowing") return true;
    const { unit } = this.#call.frame;
    if (bound.kind === "currentRow") {
      return unit === "rows" ? (i - at) * side >= 0 : this.#order(i, at) * side >= 0;
    }
    const sign = bound.kind === "preceding" ? -1 : 1;
    const offset = this.#evaluation.value(bound.offset!, this.#entries[at]!.row);
    if (offset === null) throw new QueryError("invalid-value", "A frame's offset must not be NULL");
    if (unit === "range") return this.#withinRange(i, at, sign, side, offset, bound.offset!.type);
    if (Number(offset) < 0) throw new QueryError("invalid-value", "A frame's offset must not be negative");
    const distance = unit === "rows" ? i - at : this.#group(i) - group;
    return (distance - sign * Number(offset)) * side >= 0;
  }

  #withinRange(
    i: number,
    at: number,
    sign: 1 | -1,
    side: 1 | -1,
    offset: Datum,
    offsetType: SqlType,
  ): boolean {
    const [key] = this.#call.orderBy;
    const mine = this.#entries[at]!.keys[0]!;
    const theirs = this.#entries[i]!.keys[0]!;
    // NULLs are peers of each other and lie beyond every offset.
    if (mine === null || theirs === null) return this.#order(i, at) * side >= 0;
    const { type } = key!.expression;
    const upward = (sign === 1) !== key!.descending;
    const bound = this.#add(upward ? "+" : "-", [mine, offset], [type, offsetType]);
    const value = castDatum(theirs, type, bound.type, false);
    const order = compareDatums(value, bound.value, bound.type) * (key!.descending ? -1 : 1);
    return order * side >= 0;
  }

  /** `a operator b`, whole numbers as NUMERIC so that nothing overflows. */
  #add(
    name: string,
    args: readonly Datum[],
    types: readonly SqlType[],
  ): { readonly value: Datum; readonly type: SqlType } {
    const numeric = types.map((type, i) =>
      wholeKind(type) ? castDatum(args[i]!, type, { kind: "numeric" }, false) : args[i]!
    );
    const wide = types.map((type): SqlType => wholeKind(type) ? { kind: "numeric" } : type);
    const resolved = this.#env.functions.resolveScalar(name, wide);
    const cast = numeric.map((value, i) => castDatum(value, wide[i]!, resolved.parameterTypes[i]!, false));
    const context = { ...this.#env, argumentTypes: resolved.parameterTypes, resultType: resolved.resultType };
    return { value: resolved.signature.evaluate(cast, context), type: resolved.resultType };
  }
}

function wholeKind(type: SqlType): boolean {
  switch (type.kind) {
    case "smallint":
    case "integer":
    case "bigint":
    case "decimal":
      return true;
    case "boolean":
    case "numeric":
    case "real":
    case "double":
    case "text":
    case "date":
    case "time":
    case "timestamp":
    case "timestamptz":
    case "interval":
    case "json":
    case "array":
    case "null":
      return false;
    default:
      return unreachable(type);
  }
}
