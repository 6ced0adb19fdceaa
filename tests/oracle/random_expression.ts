/**
 * Random scalar expressions as SQL text, by the family of their type.
 *
 * Text, not trees: a production is one template, and the parser gives the tree. Expressions are *total* (they
 * guard divisors and casts) unless the profile is `risky`, so that an error in one engine means something.
 *
 * @module
 */
import type { SeededRandom } from "../../src/base/random.ts";
import { EXTREME, type Family, PLAIN } from "./random_table.ts";

/** An expression that stands for itself: a column, or a grouping expression. */
export interface Leaf {
  readonly text: string;
  readonly family: Family;
}

/** What an expression may refer to. */
export interface ExpressionScope {
  readonly leaves: readonly Leaf[];
  /** The columns of enclosing queries that a correlated subquery may use. */
  readonly outer: readonly Leaf[];
  /** Makes an aggregate or window call of a family, where one may stand. */
  readonly call?: (family: Family, depth: number) => string | undefined;
  /** Makes a subquery over this scope with one column of a family, where one may stand. */
  readonly subquery?: (form: SubqueryForm, family: Family, depth: number) => string;
}

/** What a subquery is for: `scalar` must give at most one row. */
export type SubqueryForm = "scalar" | "column" | "exists" | "array";

/** What expressions may contain. */
export interface ExpressionProfile {
  readonly extremes: boolean;
  /** Unguarded division, casts and arithmetic. */
  readonly risky: boolean;
}

const COMPARISONS = ["=", "=", "<>", "<", "<=", ">", ">="] as const;
const COMPARABLE: readonly Family[] = [
  "whole",
  "whole",
  "text",
  "decimal",
  "double",
  "date",
  "timestamp",
  "interval",
  "time",
];
const ALL_FAMILIES: readonly Family[] = [...COMPARABLE, "boolean", "json", "wholes", "texts"];
const UNITS = ["year", "quarter", "month", "week", "day", "hour", "minute", "second"] as const;

type Production = (depth: number) => string;

/** Writes expressions over one scope. */
export class ExpressionWriter {
  readonly #random: SeededRandom;
  readonly #scope: ExpressionScope;
  readonly #profile: ExpressionProfile;

  constructor(random: SeededRandom, scope: ExpressionScope, profile: ExpressionProfile) {
    this.#random = random;
    this.#scope = scope;
    this.#profile = profile;
  }

  /** An expression of `family`; `depth` bounds its nesting. */
  write(family: Family, depth: number): string {
    if (depth <= 0 || this.#random.next() < 0.15) return this.leaf(family);
    const call = this.#scope.call;
    if (call !== undefined && this.#random.next() < 0.5) {
      const text = call(family, depth - 1);
      if (text !== undefined) return text;
    }
    if (this.#random.next() < 0.22) return this.#anyFamily(family, depth - 1);
    return this.#random.pick(this.#productions[family])(depth - 1);
  }

  /** A family of which there are leaves, or any. */
  family(): Family {
    const { leaves } = this.#scope;
    return leaves.length > 0 && this.#random.next() < 0.85
      ? this.#random.pick(leaves).family
      : this.#random.pick(ALL_FAMILIES);
  }

  /** A column, or else a literal. */
  leaf(family: Family): string {
    const { leaves, outer } = this.#scope;
    const own = leaves.filter((leaf) => leaf.family === family);
    const foreign = outer.filter((leaf) => leaf.family === family);
    const roll = this.#random.next();
    if (foreign.length > 0 && roll < 0.25) return this.#random.pick(foreign).text;
    if (own.length > 0 && roll < 0.8) return this.#random.pick(own).text;
    return this.literal(family);
  }

  /** A typed literal. */
  literal(family: Family): string {
    if (this.#random.next() < 0.05) return `CAST(NULL AS ${TYPE_NAMES[family]})`;
    const pool = this.#profile.extremes && this.#random.next() < 0.1 ? EXTREME : PLAIN;
    const text = this.#random.pick(pool[family]);
    const quoted = `'${text.replaceAll("'", "''")}'`;
    switch (family) {
      case "whole":
        return text.startsWith("-") ? `(${text})` : text;
      case "decimal":
        return /[.]/.test(text)
          ? (text.startsWith("-") ? `(${text})` : text)
          : `CAST(${text} AS DECIMAL(10,2))`;
      case "boolean":
        return text;
      case "text":
        return quoted;
      case "date":
      case "timestamp":
      case "interval":
      case "time":
        return `${TYPE_NAMES[family]} ${quoted}`;
      default:
        return `CAST(${quoted} AS ${TYPE_NAMES[family]})`;
    }
  }

  /** An INTEGER of a few units: what lengths, counts and subscripts take. */
  small(depth: number): string {
    return depth > 0 && this.#random.next() < 0.3
      ? `CAST(${this.write("whole", depth - 1)} % 5 AS INTEGER)`
      : String(this.#random.integer(0, 4));
  }

  #anyFamily(family: Family, depth: number): string {
    const one = () => this.write(family, depth);
    const choices: Production[] = [
      () => `CASE WHEN ${this.write("boolean", depth)} THEN ${one()} ELSE ${one()} END`,
      () =>
        `CASE WHEN ${this.write("boolean", depth)} THEN ${one()} WHEN ${
          this.write("boolean", depth)
        } THEN ${one()} END`,
      () => this.#simpleCase(family, depth),
      () => `COALESCE(${one()}, ${one()})`,
      () => `NULLIF(${one()}, ${one()})`,
    ];
    if (!["json", "boolean"].includes(family)) {
      choices.push(() => `GREATEST(${one()}, ${one()})`, () => `LEAST(${one()}, ${one()}, ${one()})`);
    }
    const { subquery } = this.#scope;
    if (subquery !== undefined && depth > 0) {
      choices.push(() => subquery("scalar", family, depth), () => subquery("scalar", family, depth));
    }
    return this.#random.pick(choices)(depth);
  }

  #simpleCase(family: Family, depth: number): string {
    const by = this.#random.pick(["whole", "text", "date", "boolean"] as const);
    const branch = () => `WHEN ${this.write(by, depth - 1)} THEN ${this.write(family, depth - 1)}`;
    return `CASE ${this.write(by, depth)} ${branch()} ${branch()} ELSE ${this.write(family, depth)} END`;
  }

  #divisor(family: Family, depth: number): string {
    const text = this.write(family, depth);
    return this.#profile.risky ? text : `NULLIF(${text}, 0)`;
  }

  /** `text`, cast; out of the target's range only when risky. */
  #guarded(text: string, type: string, bound: number): string {
    if (this.#profile.risky) return `CAST(${text} AS ${type})`;
    return `CASE WHEN ${text} BETWEEN -${bound} AND ${bound} THEN CAST(${text} AS ${type}) END`;
  }

  #number(depth: number): string {
    return this.write(this.#random.pick(["whole", "whole", "decimal"] as const), depth);
  }

  #comparison(depth: number): string {
    const family = this.#random.pick(COMPARABLE);
    const operator = this.#random.pick(COMPARISONS);
    // Numbers of different types meet, too.
    const other = family === "whole" || family === "decimal"
      ? this.#random.pick(["whole", "decimal"] as const)
      : family;
    return `(${this.write(family, depth)} ${operator} ${this.write(other, depth)})`;
  }

  #list(family: Family, depth: number): string {
    return Array.from({ length: this.#random.integer(1, 4) }, () => this.write(family, depth - 2)).join(", ");
  }

  #not(): string {
    return this.#random.pick(["", "NOT "]);
  }

  #subqueryTest(depth: number): string {
    const { subquery } = this.#scope;
    if (subquery === undefined || depth <= 0) return this.#comparison(depth);
    const family = this.#random.pick(["whole", "whole", "text", "date", "decimal"] as const);
    const quantifier = this.#random.pick(["ANY", "ALL"]);
    return this.#random.pick<() => string>([
      () => `(${this.#not()}EXISTS ${subquery("exists", family, depth)})`,
      () => `(${this.#not()}EXISTS ${subquery("exists", family, depth)})`,
      () => `(${this.write(family, depth)} ${this.#not()}IN ${subquery("column", family, depth)})`,
      () => `(${this.write(family, depth)} ${this.#not()}IN ${subquery("column", family, depth)})`,
      () =>
        `(${this.write(family, depth)} ${this.#random.pick(COMPARISONS)} ${quantifier} ${
          subquery("column", family, depth)
        })`,
      () =>
        `(${this.write(family, depth)} ${this.#random.pick(COMPARISONS)} ${
          subquery("scalar", family, depth)
        })`,
    ])();
  }

  readonly #productions: Readonly<Record<Family, readonly Production[]>> = {
    boolean: [
      (d) => this.#comparison(d),
      (d) => this.#comparison(d),
      (d) => this.#comparison(d),
      (d) => `(${this.write("boolean", d)} AND ${this.write("boolean", d)})`,
      (d) => `(${this.write("boolean", d)} OR ${this.write("boolean", d)})`,
      (d) => `(NOT ${this.write("boolean", d)})`,
      (d) => `(${this.write(this.family(), d)} IS ${this.#not()}NULL)`,
      (d) =>
        `(${this.write("boolean", d)} IS ${this.#not()}${this.#random.pick(["TRUE", "FALSE", "UNKNOWN"])})`,
      (d) => {
        const family = this.#random.pick(COMPARABLE);
        return `(${this.write(family, d)} IS ${this.#not()}DISTINCT FROM ${this.write(family, d)})`;
      },
      (d) => {
        const family = this.#random.pick(COMPARABLE);
        const how = this.#random.pick(["", "", "", "SYMMETRIC "]);
        const [a, b, c] = [0, 0, 0].map(() => this.write(family, d));
        return `(${a} ${this.#not()}BETWEEN ${how}${b} AND ${c})`;
      },
      (d) => {
        const family = this.#random.pick(COMPARABLE);
        return `(${this.write(family, d)} ${this.#not()}IN (${this.#list(family, d)}))`;
      },
      (d) =>
        `(${this.write("text", d)} ${this.#not()}LIKE ${
          this.#random.pick(["'a%'", "'%b%'", "'_'", "'a\\%b'", "''", "'%é%'", "'_-%_'", "'a_(*%+_.'"])
        })`,
      (d) =>
        `(${this.write("text", d)} ${this.#not()}ILIKE ${this.#random.pick(["'A%'", "'%B'", "'hel_o'"])})`,
      (d) =>
        `(${this.write("text", d)} ${this.#random.pick(["~", "!~", "~*"])} ${
          this.#random.pick(["'^a'", "'b$'", "'[a-c]+'", "'l{2}'", "'.'", "'a-|b'", "'\\w+\\-?'", "'[^a-]'"])
        })`,
      (d) => `(${this.write("text", d)} LIKE ${this.write("text", d - 1)} || '%')`,
      (d) => `starts_with(${this.write("text", d)}, ${this.write("text", d)})`,
      (d) => `(${this.write("whole", d)} = ANY (${this.write("wholes", d)}))`,
      (d) =>
        `(${this.write("wholes", d)} ${this.#random.pick(["@>", "<@", "&&", "=", "<"])} ${
          this.write("wholes", d)
        })`,
      (d) =>
        `(${this.write("texts", d)} ${this.#random.pick(["@>", "&&", "=", ">="])} ${this.write("texts", d)})`,
      (d) => `(${this.write("json", d)} ${this.#random.pick(["@>", "=", "<@"])} ${this.write("json", d)})`,
      (d) => `(${this.write("json", d)} ? 'a')`,
      (d) =>
        `((${this.write("whole", d)}, ${this.write("text", d)}) ${
          this.#random.pick(["=", "<", "<>", ">="])
        } (${this.write("whole", d)}, ${this.write("text", d)}))`,
      (d) => this.#subqueryTest(d),
      (d) => this.#subqueryTest(d),
      (d) => this.#subqueryTest(d),
    ],
    whole: [
      (d) => `(${this.write("whole", d)} + ${this.write("whole", d)})`,
      (d) => `(${this.write("whole", d)} - ${this.write("whole", d)})`,
      (d) => `(${this.write("whole", d)} * ${this.write("whole", d)})`,
      (d) => `(${this.write("whole", d)} / ${this.#divisor("whole", d)})`,
      (d) => `(${this.write("whole", d)} % ${this.#divisor("whole", d)})`,
      (d) => `(- ${this.write("whole", d)})`,
      (d) => `abs(${this.write("whole", d)})`,
      (d) =>
        `${this.#random.pick(["length", "char_length", "octet_length", "ascii"])}(${this.write("text", d)})`,
      (d) => `position(${this.literal("text")} IN ${this.write("text", d)})`,
      (d) =>
        `CAST(extract(${this.#random.pick(["year", "month", "day", "dow", "doy", "isodow", "week"])} FROM ${
          this.write("date", d)
        }) AS INTEGER)`,
      (d) => `(${this.write("date", d)} - ${this.write("date", d)})`,
      (d) => `CAST(${this.write("boolean", d)} AS INTEGER)`,
      (d) => this.#guarded(this.write("decimal", d), "INTEGER", 100000),
      (d) => this.#guarded(this.write("double", d), "BIGINT", 100000),
      (d) => `(${this.write("whole", d)} ${this.#random.pick(["&", "|", "#"])} ${this.write("whole", d)})`,
      (d) => `(~ ${this.write("whole", d)})`,
      (d) =>
        `(CAST(${this.write("whole", d)} % 1000 AS INTEGER) ${this.#random.pick(["<<", ">>"])} ${
          this.small(d)
        })`,
      (d) => `cardinality(${this.write(this.#random.pick(["wholes", "texts"] as const), d)})`,
      (d) => `(${this.write("wholes", d)})[${this.small(d)}]`,
      (d) => `array_position(${this.write("texts", d)}, ${this.write("text", d)})`,
      (d) => `CAST(${this.write("whole", d)} AS ${this.#random.pick(["BIGINT", "BIGINT", "INTEGER"])})`,
      (d) => this.#profile.risky ? `CAST(${this.write("text", d)} AS INTEGER)` : `CAST('42' AS INTEGER)`,
      (d) => `gcd(${this.write("whole", d)}, ${this.write("whole", d)})`,
      (d) => `sign(${this.write("whole", d)})::INTEGER`,
    ],
    decimal: [
      (d) => `(${this.write("decimal", d)} + ${this.#number(d)})`,
      (d) => `(${this.write("decimal", d)} - ${this.#number(d)})`,
      (d) => `(${this.#number(d)} * ${this.write("decimal", d)})`,
      (d) => `(${this.#number(d)} / ${this.#divisor("decimal", d)})`,
      (d) => `(${this.write("decimal", d)} % ${this.#divisor("decimal", d)})`,
      (d) => `(- ${this.write("decimal", d)})`,
      (d) =>
        `${this.#random.pick(["abs", "ceil", "floor", "round", "trunc", "sign"])}(${
          this.write("decimal", d)
        })`,
      (d) =>
        `${this.#random.pick(["round", "trunc"])}(${this.write("decimal", d)}, ${
          this.#random.integer(-1, 3)
        })`,
      (d) => `CAST(${this.write("whole", d)} AS ${this.#random.pick(["DECIMAL(24,2)", "NUMERIC"])})`,
      (d) =>
        `CAST(${this.write("decimal", d)} AS ${
          this.#random.pick(["DECIMAL(38,1)", "NUMERIC", "DECIMAL(38,8)"])
        })`,
      (d) =>
        `extract(${this.#random.pick(["epoch", "second", "year", "hour", "quarter"])} FROM ${
          this.write("timestamp", d)
        })`,
      (d) =>
        `extract(${this.#random.pick(["epoch", "day", "hour", "month"])} FROM ${this.write("interval", d)})`,
      (d) => this.#guarded(this.write("double", d), "DECIMAL(20,4)", 100000),
      (d) => `mod(${this.write("decimal", d)}, ${this.#divisor("decimal", d)})`,
      (d) => `power(${this.#random.pick(["2", "1.5", "0.5"])}, ${this.small(d)})::NUMERIC(20,4)`,
    ],
    double: [
      (d) => `(${this.write("double", d)} + ${this.write("double", d)})`,
      (d) => `(${this.write("double", d)} - ${this.write("double", d)})`,
      (d) => `(${this.write("double", d)} * ${this.write("double", d)})`,
      (d) => `(${this.write("double", d)} / ${this.#divisor("double", d)})`,
      (d) => `(- ${this.write("double", d)})`,
      (d) =>
        `${this.#random.pick(["abs", "ceil", "floor", "round", "trunc", "sign"])}(${
          this.write("double", d)
        })`,
      (d) => `sqrt(abs(${this.write("double", d)}))`,
      (d) => `CAST(${this.#number(d)} AS DOUBLE PRECISION)`,
      (d) => `(${this.write("double", d)} * ${this.write("whole", d)})`,
      (d) => `(${this.write("double", d)} + ${this.write("decimal", d)})`,
      (d) => `CAST(CAST(${this.write("whole", d)} AS REAL) AS DOUBLE PRECISION)`,
    ],
    text: [
      (d) => `(${this.write("text", d)} || ${this.write("text", d)})`,
      (d) => `(${this.write("text", d)} || ${this.write("whole", d)})`,
      (d) =>
        `${this.#random.pick(["upper", "lower", "trim", "reverse", "ltrim", "rtrim", "initcap", "md5"])}(${
          this.write("text", d)
        })`,
      (d) => `substring(${this.write("text", d)} FROM ${this.small(d)} FOR ${this.#random.integer(0, 3)})`,
      (d) => `substr(${this.write("text", d)}, ${this.small(d)})`,
      (d) =>
        `${this.#random.pick(["left", "right"])}(${this.write("text", d)}, ${this.#random.integer(-2, 3)})`,
      (d) => `replace(${this.write("text", d)}, ${this.literal("text")}, ${this.write("text", d)})`,
      (d) =>
        `${this.#random.pick(["lpad", "rpad"])}(${this.write("text", d)}, ${
          this.#random.integer(0, 6)
        }, 'xy')`,
      (d) => `repeat(${this.write("text", d)}, ${this.small(d)})`,
      (d) => `concat(${this.write("text", d)}, ${this.write("whole", d)}, ${this.write("text", d)})`,
      (d) => `concat_ws(',', ${this.write("text", d)}, ${this.write("text", d)})`,
      (d) =>
        `split_part(${this.write("text", d)}, ${this.#random.pick(["','", "'b'", "' '"])}, ${
          this.#random.pick([1, 2, -1])
        })`,
      (d) => `translate(${this.write("text", d)}, 'abl', 'xy')`,
      (d) => `btrim(${this.write("text", d)}, ' a')`,
      (d) =>
        `CAST(${
          this.write(
            this.#random.pick(["whole", "date", "boolean", "timestamp", "interval", "wholes"] as const),
            d,
          )
        } AS TEXT)`,
      (d) =>
        `to_char(${this.write("date", d)}, ${
          this.#random.pick(["'YYYY-MM-DD'", "'DD.MM.YY'", "'Mon YYYY'", "'Day'", "'IYYY-IW'"])
        })`,
      (d) =>
        `to_char(${this.write("timestamp", d)}, ${
          this.#random.pick(["'HH24:MI:SS.US'", "'YYYY\"y\" Q'", "'HH12 am'"])
        })`,
      (d) =>
        `to_char(${this.write("whole", d)}, ${this.#random.pick(["'FM999'", "'0000'", "'9,999'", "'S99'"])})`,
      (d) => `(${this.write("json", d)} ->> ${this.#random.pick(["'a'", "0", "'b'"])})`,
      (d) => `(${this.write("json", d)} #>> '{a,b}')`,
      (d) =>
        `regexp_replace(${this.write("text", d)}, ${
          this.#random.pick(["'[aeiou]'", "'(.)(.)'", "'l+'"])
        }, '\\1*', 'g')`,
      (d) => `array_to_string(${this.write(this.#random.pick(["wholes", "texts"] as const), d)}, '-')`,
      (d) => `CAST(${this.write("text", d)} AS VARCHAR(${this.#random.integer(1, 4)}))`,
      (d) => `overlay(${this.write("text", d)} PLACING 'Q' FROM ${this.#random.integer(1, 3)})`,
      (d) => `jsonb_typeof(${this.write("json", d)})`,
      (d) => `(${this.write("texts", d)})[${this.small(d)}]`,
      (d) => `chr(${this.#random.integer(60, 70)} + ${this.small(d)})`,
    ],
    date: [
      (d) => `(${this.write("date", d)} + ${this.small(d)})`,
      (d) => `(${this.write("date", d)} - ${this.small(d)})`,
      (d) => `CAST(${this.write("timestamp", d)} AS DATE)`,
      (d) => `CAST(date_trunc('${this.#random.pick(UNITS)}', ${this.write("timestamp", d)}) AS DATE)`,
      (d) => `make_date(2024, 1 + ${this.small(d)} , ${this.#random.integer(1, 28)})`,
      (d) =>
        this.#profile.risky
          ? `CAST(${this.write("text", d)} AS DATE)`
          : `to_date('2024-05-17', 'YYYY-MM-DD')`,
    ],
    time: [
      (d) => `CAST(${this.write("timestamp", d)} AS TIME)`,
      (d) => `(${this.write("time", d)} + ${this.write("interval", d)})`,
    ],
    timestamp: [
      (d) => `(${this.write("timestamp", d)} ${this.#random.pick(["+", "-"])} ${this.write("interval", d)})`,
      (d) => `(${this.write("date", d)} + ${this.write("interval", d)})`,
      (d) => `(${this.write("date", d)} + ${this.write("time", d)})`,
      (d) => `date_trunc('${this.#random.pick(UNITS)}', ${this.write("timestamp", d)})`,
      (d) => `CAST(${this.write("date", d)} AS TIMESTAMP)`,
    ],
    interval: [
      (d) => `(${this.write("timestamp", d)} - ${this.write("timestamp", d)})`,
      (d) => `(${this.write("interval", d)} + ${this.write("interval", d)})`,
      (d) => `(${this.write("interval", d)} - ${this.write("interval", d)})`,
      (d) => `(${this.write("interval", d)} * ${this.small(d)})`,
      (d) => `(- ${this.write("interval", d)})`,
      (d) => `(${this.small(d)} * INTERVAL '1 day')`,
      (d) =>
        `${this.#random.pick(["justify_days", "justify_hours", "justify_interval"])}(${
          this.write("interval", d)
        })`,
      (d) => `age(${this.write("timestamp", d)}, ${this.write("timestamp", d)})`,
      (d) => `CAST(${this.write("time", d)} AS INTERVAL)`,
    ],
    json: [
      (d) => `(${this.write("json", d)} -> ${this.#random.pick(["'a'", "'b'", "0", "1", "-1"])})`,
      (d) =>
        `to_jsonb(${
          this.write(this.#random.pick(["whole", "text", "boolean", "decimal", "wholes"] as const), d)
        })`,
      (d) =>
        `jsonb_build_object('k', ${this.write(this.#random.pick(["whole", "text", "json"] as const), d)})`,
      (d) => `jsonb_build_array(${this.write("whole", d)}, ${this.write("text", d)})`,
      (d) => `(${this.write("json", d)} || ${this.write("json", d)})`,
      (d) => `(${this.write("json", d)} #> '{a,b}')`,
    ],
    wholes: [
      (d) => `ARRAY[CAST(${this.write("whole", d)} % 1000 AS INTEGER), ${this.#random.integer(0, 3)}]`,
      (d) => `(${this.write("wholes", d)} || ${this.write("wholes", d)})`,
      (d) => `array_append(${this.write("wholes", d)}, ${this.small(d)})`,
      (d) => `array_remove(${this.write("wholes", d)}, ${this.small(d)})`,
      (d) =>
        `COALESCE((${this.write("wholes", d)})[1:${this.#random.integer(1, 3)}], CAST('{}' AS INTEGER[]))`,
    ],
    texts: [
      (d) => `ARRAY[${this.write("text", d)}, ${this.write("text", d)}]`,
      (d) => `string_to_array(${this.write("text", d)}, ',')`,
      (d) => `array_append(${this.write("texts", d)}, CAST(${this.write("text", d)} AS TEXT))`,
      (d) => `(${this.write("texts", d)} || ${this.write("texts", d)})`,
      (d) =>
        this.#scope.subquery === undefined || d <= 0
          ? this.leaf("texts")
          : `ARRAY${this.#scope.subquery("array", "text", d)}`,
    ],
  };
}

/** The name of a type of each family. */
export const TYPE_NAMES: Readonly<Record<Family, string>> = {
  boolean: "BOOLEAN",
  whole: "INTEGER",
  decimal: "DECIMAL(12,2)",
  double: "DOUBLE PRECISION",
  text: "TEXT",
  date: "DATE",
  time: "TIME",
  timestamp: "TIMESTAMP",
  interval: "INTERVAL",
  json: "JSONB",
  wholes: "INTEGER[]",
  texts: "TEXT[]",
};
