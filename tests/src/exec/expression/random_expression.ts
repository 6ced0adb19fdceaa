/**
 * Random expressions over given columns, with the types that a binder would give them.
 *
 * @module
 */
import type { SeededRandom } from "../../../../src/base/random.ts";
import type { FunctionRegistry } from "../../../../src/query/function_registry.ts";
import type { PlanColumn, Scalar } from "../../../../src/query/plan.ts";
import {
  BIGINT,
  BOOLEAN,
  DATE,
  decimalType,
  DOUBLE,
  INTEGER,
  sameType,
  SMALLINT,
  type SqlType,
  TEXT,
  TIMESTAMP,
} from "../../../../src/storage/sql_type.ts";
import { randomDatum } from "./random_chunk.ts";

/** The types that columns and literals have. */
export const COLUMN_TYPES: readonly SqlType[] = [
  SMALLINT,
  INTEGER,
  BIGINT,
  decimalType(15, 2),
  decimalType(12, 4),
  DOUBLE,
  TEXT,
  DATE,
  TIMESTAMP,
  BOOLEAN,
];
const NUMBER_TYPES = COLUMN_TYPES.slice(0, 6);
const COMPARISONS = ["=", "<>", "<", "<=", ">", ">=", "is distinct from", "is not distinct from"];
const TEXT_TESTS = ["like", "not like", "ilike", "starts_with"];

/** Makes expressions. */
export class ExpressionMaker {
  readonly #random: SeededRandom;
  readonly #registry: FunctionRegistry;
  readonly #columns: readonly PlanColumn[];

  constructor(random: SeededRandom, registry: FunctionRegistry, columns: readonly PlanColumn[]) {
    this.#random = random;
    this.#registry = registry;
    this.#columns = columns;
  }

  /** An expression of a kind of type, `depth` operations deep at most. */
  make(type: SqlType, depth: number): Scalar {
    if (depth <= 0 || this.#random.next() < 0.1) return this.leaf(type);
    if (this.#random.next() < 0.15) return this.#conditional(type, depth);
    switch (type.kind) {
      case "boolean":
        return this.#condition(depth);
      case "text":
        return this.#text(depth);
      case "date":
        return this.#date(depth);
      case "timestamp":
        return this.leaf(type);
      default:
        return this.#cast(this.number(depth), type);
    }
  }

  /** A column or literal. A literal NULL is folded before its neighbours can fail, so only some may be one. */
  leaf(type: SqlType, nullShare = 0): Scalar {
    const columns = this.#columns.filter((column) => sameType(column.type, type));
    if (columns.length > 0 && this.#random.next() < 0.7) {
      const column = this.#random.pick(columns);
      return { kind: "column", id: column.id, name: column.name, type };
    }
    const value = this.#random.next() < nullShare ? null : randomDatum(this.#random, type, "small");
    return { kind: "literal", type, value };
  }

  /** Arithmetic of whatever numeric type comes out. */
  number(depth: number): Scalar {
    if (depth <= 0) return this.leaf(this.#random.pick(NUMBER_TYPES));
    const choice = this.#random.next();
    if (choice < 0.1) return this.#call("negate", [this.number(depth - 1)]);
    if (choice < 0.15) return this.#call("abs", [this.number(depth - 1)]);
    if (choice < 0.2) return this.#call("length", [this.make(TEXT, depth - 1)]);
    if (choice < 0.25) return this.#call("-", [this.make(DATE, depth - 1), this.make(DATE, depth - 1)]);
    const operator = this.#random.pick(["+", "-", "*", "+", "-", "*", "/", "%"]);
    return this.#call(operator, [this.number(depth - 1), this.number(depth - 1)]);
  }

  #condition(depth: number): Scalar {
    const next = depth - 1;
    const args = () => [this.make(BOOLEAN, next), this.make(BOOLEAN, next), this.make(BOOLEAN, next)];
    switch (this.#random.integer(0, 9)) {
      case 0:
        return { kind: "and", type: BOOLEAN, arguments: args() };
      case 1:
        return { kind: "or", type: BOOLEAN, arguments: args() };
      case 2:
        return { kind: "not", type: BOOLEAN, argument: this.make(BOOLEAN, next) };
      case 3: {
        const argument = this.make(this.#random.pick(COLUMN_TYPES), next);
        return { kind: "isNull", type: BOOLEAN, argument, negated: this.#random.next() < 0.5 };
      }
      case 4: {
        const type = this.#random.pick(COLUMN_TYPES);
        const items = Array.from({ length: this.#random.integer(1, 4) }, () => this.leaf(type, 0.1));
        return { kind: "inList", type: BOOLEAN, argument: this.make(type, next), items };
      }
      case 5:
        return this.#call(this.#random.pick(TEXT_TESTS), [this.make(TEXT, next), this.#pattern()]);
      case 6:
        return this.#call(this.#random.pick(COMPARISONS), [this.number(next), this.number(next)]);
      default: {
        const type = this.#random.pick(COLUMN_TYPES);
        return this.#call(this.#random.pick(COMPARISONS), [this.make(type, next), this.make(type, next)]);
      }
    }
  }

  #pattern(): Scalar {
    const value = this.#random.pick(["a%", "%b", "%b%", "_b", "%e%q%", "ab", "%"]);
    return this.#random.next() < 0.8 ? { kind: "literal", type: TEXT, value } : this.leaf(TEXT);
  }

  #text(depth: number): Scalar {
    const text = this.make(TEXT, depth - 1);
    switch (this.#random.integer(0, 4)) {
      case 0:
        return this.#call("upper", [text]);
      case 1:
        return this.#call("||", [text, this.make(TEXT, depth - 1)]);
      case 2:
        return this.#call("substring", [text, { kind: "literal", type: INTEGER, value: 2 }]);
      case 3:
        return this.#cast(this.make(INTEGER, depth - 1), TEXT);
      default:
        return this.#call("lower", [text]);
    }
  }

  #date(depth: number): Scalar {
    const date = this.make(DATE, depth - 1);
    if (this.#random.next() < 0.3) return this.#cast(this.make(TIMESTAMP, depth - 1), DATE);
    const days: Scalar = this.#random.next() < 0.5 ? this.leaf(INTEGER) : this.make(INTEGER, depth - 1);
    return this.#call(this.#random.pick(["+", "-"]), [date, days]);
  }

  #conditional(type: SqlType, depth: number): Scalar {
    const next = depth - 1;
    if (this.#random.next() < 0.4) {
      return {
        kind: "coalesce",
        type,
        arguments: [this.make(type, next), this.make(type, next), this.leaf(type, 0.2)],
      };
    }
    const branches = Array.from({ length: this.#random.integer(1, 2) }, () => ({
      when: this.make(BOOLEAN, next),
      then: this.make(type, next),
    }));
    return { kind: "case", type, branches, otherwise: this.make(type, next) };
  }

  #cast(argument: Scalar, type: SqlType): Scalar {
    if (sameType(argument.type, type)) return argument;
    return { kind: "cast", type, argument, explicit: true, tolerant: this.#random.next() < 0.2 };
  }

  #call(name: string, args: readonly Scalar[]): Scalar {
    const resolved = this.#registry.resolveScalar(name, args.map((one) => one.type));
    return {
      kind: "call",
      name,
      type: resolved.resultType,
      arguments: args.map((one, i) => this.#cast(one, resolved.parameterTypes[i]!)),
    };
  }
}
