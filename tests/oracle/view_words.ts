/**
 * What queries of views are written with: columns by family, parts of tables, conditions, and what joins rows.
 *
 * @module
 */
import type { SeededRandom } from "../../src/base/random.ts";
import type { Family, RandomTable } from "./random_table.ts";

/** Families of values that have an order. */
export const COMPARABLE: readonly Family[] = [
  "whole",
  "text",
  "decimal",
  "double",
  "date",
  "timestamp",
  "boolean",
];
/** Families of numbers. */
export const NUMBERS: readonly Family[] = ["whole", "decimal", "double"];

/** How queries are to be. */
export interface ViewQueryProfile {
  /** Conditions on time may stand below any operator. */
  readonly temporal: boolean;
  /** Tables have many rows: joins by inequalities alone would give too many. */
  readonly large: boolean;
}

/** See the module header. */
export abstract class ViewWords {
  protected readonly random: SeededRandom;
  protected readonly tables: readonly RandomTable[];
  protected readonly temporal: boolean;
  protected readonly large: boolean;

  constructor(random: SeededRandom, tables: readonly RandomTable[], profile: ViewQueryProfile) {
    this.random = random;
    this.tables = tables;
    this.temporal = profile.temporal;
    this.large = profile.large;
  }

  protected pick<Item>(items: readonly Item[]): Item {
    return this.random.pick(items);
  }

  protected chance(probability: number): boolean {
    return this.random.next() < probability;
  }

  protected maybe(table: RandomTable, families: readonly Family[]): string | undefined {
    const found = table.columns.filter(({ family }) => families.includes(family));
    return found.length === 0 ? undefined : this.pick(found).name;
  }

  /** A column of one of `families`; every table has whole numbers and texts. */
  protected of(table: RandomTable, families: readonly Family[]): string {
    return this.maybe(table, families) ?? this.maybe(table, ["whole"])!;
  }

  protected any(table: RandomTable): string {
    return this.pick(table.columns).name;
  }

  /** Columns that order rows totally, or all that tell them apart. */
  protected total(table: RandomTable, alias: string): string {
    const columns = table.keyed ? table.columns.slice(0, 1) : table.columns;
    return columns.map(({ name }) => `${alias}.${name}`).join(", ");
  }

  /** A table under an alias, sometimes only some of its rows. */
  protected source(table: RandomTable, alias: string): string {
    const roll = this.random.next();
    if (this.temporal && roll < 0.6) {
      return `(SELECT * FROM ${table.name} AS z WHERE ${this.timeCondition(table, "z")}) AS ${alias}`;
    }
    if (roll < 0.75) return `${table.name} AS ${alias}`;
    return `(SELECT * FROM ${table.name} AS z WHERE ${this.condition(table, "z")}) AS ${alias}`;
  }

  protected condition(table: RandomTable, alias: string): string {
    const whole = `${alias}.${this.of(table, ["whole"])}`;
    const text = `${alias}.${this.of(table, ["text"])}`;
    return this.pick([
      `${whole} > ${this.random.integer(-1, 3)}`,
      `${whole} = ${this.random.integer(0, 4)}`,
      `${whole} IS NOT NULL`,
      `${alias}.${this.any(table)} IS NULL`,
      `${text} = 'a'`,
      `${text} > 'a'`,
      `NOT (${whole} < 3 OR ${text} LIKE '%a%')`,
      `${whole} IN (1, 2, 7)`,
    ]);
  }

  protected timeCondition(table: RandomTable, alias: string): string {
    const date = this.maybe(table, ["date"]);
    const stamp = this.maybe(table, ["timestamp"]);
    const days = this.pick(["1 day", "7 days", "30 days", "1 month", "1 year"]);
    const choices: string[] = [];
    if (date !== undefined) {
      const d = `${alias}.${date}`;
      choices.push(
        `${d} = current_date`,
        `${d} >= current_date - ${this.pick([1, 7, 30])}`,
        `${d} > current_date - interval '${days}' AND ${d} <= current_date`,
        `date_trunc('month', ${d}) = date_trunc('month', localtimestamp)`,
        `${d} < date_trunc('month', now())`,
        `(${d} > current_date) IS NOT TRUE`,
        `NOT (${d} BETWEEN current_date - 1 AND current_date + 30)`,
        `${d} > now() - interval '${days}' OR ${alias}.${this.of(table, ["whole"])} = 1`,
      );
    }
    if (stamp !== undefined) {
      const s = `${alias}.${stamp}`;
      choices.push(
        `${s} > localtimestamp - interval '${days}'`,
        `${s} >= localtimestamp`,
        `${s} BETWEEN localtimestamp - interval '${days}' AND localtimestamp`,
        `localtimestamp - ${s} < interval '${days}'`,
        `${s} IS NULL OR ${s} > now()`,
        `date_trunc('day', ${s}) = current_date`,
      );
      if (date !== undefined) choices.push(`${s} > now() AND ${alias}.${date} <= current_date`);
    }
    return choices.length === 0 ? this.condition(table, alias) : this.pick(choices);
  }

  protected link(left: RandomTable, a: string, right: RandomTable, b: string): string {
    const family = this.pick(
      COMPARABLE.filter((one) =>
        one === "whole" || one === "text" ||
        (left.columns.some(({ family }) => family === one) &&
          right.columns.some(({ family }) => family === one))
      ),
    );
    return `${a}.${this.of(left, [family])} = ${b}.${this.of(right, [family])}`;
  }

  protected inequality(left: RandomTable, a: string, right: RandomTable, b: string): string {
    const operator = this.pick(["<", ">=", "<>", "<="]);
    return `${a}.${this.of(left, ["whole"])} ${operator} ${b}.${this.of(right, ["whole"])}`;
  }

  protected on(left: RandomTable, right: RandomTable): string {
    const equal = this.link(left, "a", right, "b");
    const roll = this.random.next();
    if (roll < 0.35) return equal;
    if (roll < 0.6) return `${equal} AND ${this.inequality(left, "a", right, "b")}`;
    if (roll < 0.7) return `${equal} AND ${this.link(left, "a", right, "b")}`;
    if (roll < 0.8) return equal.replace(" = ", " IS NOT DISTINCT FROM ");
    if (roll < 0.9 || this.large) return `${equal} AND ${this.condition(right, "b")}`;
    return this.inequality(left, "a", right, "b");
  }

  protected rowCondition(table: RandomTable, alias: string): string {
    return this.temporal && this.chance(0.5)
      ? this.timeCondition(table, alias)
      : this.condition(table, alias);
  }
}
