/**
 * Random SQL over the oracle's tables: nested, correlated, with every kind of join and subquery.
 *
 * The queries have one meaning: limits are ordered by a key, scalar subqueries have at most one row, nothing
 * overflows or divides.
 *
 * @module
 */
import type { SeededRandom } from "../../../src/base/random.ts";

const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  r: ["a", "b", "c"],
  s: ["x", "y", "z"],
  u: ["p", "q"],
};
const COMPARISONS = ["=", "=", "=", "<>", "<", ">="] as const;

/** A relation in scope. */
interface Visible {
  readonly alias: string;
  readonly columns: readonly string[];
  /** A column without repetitions, if there is one. */
  readonly key?: string;
}

/** Makes queries. */
export class RandomQuery {
  readonly #random: SeededRandom;
  #aliases = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** A whole query with up to `depth` levels of subqueries. */
  query(depth: number): string {
    return this.#select([], depth, 1 + this.#below(3));
  }

  #below(limit: number): number {
    return this.#random.integer(0, limit - 1);
  }

  #chance(part: number): boolean {
    return this.#random.next() < part;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return this.#random.pick(items);
  }

  #table(): { readonly sql: string; readonly visible: Visible } {
    const name = this.#pick(["r", "s", "u"]);
    const alias = `t${++this.#aliases}`;
    const columns = COLUMNS[name]!;
    const visible = name === "u" ? { alias, columns } : { alias, columns, key: columns[0]! };
    return { sql: `${name} ${alias}`, visible };
  }

  /** A FROM item that may read `outer` when it is lateral. */
  #item(
    outer: readonly Visible[],
    depth: number,
    lateral: boolean,
  ): { readonly sql: string; readonly visible: Visible } {
    if (depth === 0 || this.#chance(0.6)) return this.#table();
    const alias = `t${++this.#aliases}`;
    const width = 1 + this.#below(2);
    const body = this.#select(lateral ? outer : [], depth - 1, width);
    const columns = ["v1", "v2"].slice(0, width);
    return {
      sql: `${lateral ? "lateral " : ""}(${body}) ${alias}(${columns.join(", ")})`,
      visible: { alias, columns },
    };
  }

  #from(outer: readonly Visible[], depth: number): { readonly sql: string; readonly visible: Visible[] } {
    const first = this.#item(outer, depth, false);
    let sql = first.sql;
    const visible = [first.visible];
    for (let more = this.#below(3); more > 0 && visible.length < 3; more--) {
      const kind = this.#pick(["cross", "inner", "left", "full", "left", "inner"]);
      const lateral = kind !== "full" && this.#chance(0.5);
      const next = this.#item([...outer, ...visible], depth, lateral);
      const scope = [...visible, next.visible];
      // PostgreSQL wants an equality of the two sides in a full join.
      const condition = kind === "full"
        ? `${this.#column(visible)} = ${this.#column([next.visible])}`
        : this.#condition([...outer, ...scope], this.#chance(0.2) ? Math.min(depth, 1) : 0);
      sql += kind === "cross" ? ` cross join ${next.sql}` : ` ${kind} join ${next.sql} on ${condition}`;
      visible.push(next.visible);
    }
    return { sql, visible };
  }

  #select(outer: readonly Visible[], depth: number, width: number): string {
    if (depth > 0 && this.#chance(0.12)) return this.#setOperation(outer, depth, width);
    const from = this.#from(outer, depth);
    const scope = [...outer, ...from.visible];
    const where = this.#chance(0.8) ? ` where ${this.#condition(scope, depth)}` : "";
    if (this.#chance(0.25)) return this.#grouped(from, scope, where, width);
    const items = Array.from({ length: width }, (_, index) => `${this.#scalar(scope, depth)} as c${index}`);
    const only = from.visible.length === 1 ? from.visible[0] : undefined;
    if (only?.key !== undefined && this.#chance(0.2)) {
      const direction = this.#chance(0.5) ? " desc" : "";
      const offset = this.#chance(0.3) ? " offset 1" : "";
      const order = ` order by ${only.alias}.${only.key}${direction} limit ${1 + this.#below(3)}${offset}`;
      return `select ${items.join(", ")} from ${from.sql}${where}${order}`;
    }
    return `select ${this.#chance(0.15) ? "distinct " : ""}${items.join(", ")} from ${from.sql}${where}`;
  }

  #grouped(
    from: { readonly sql: string; readonly visible: readonly Visible[] },
    scope: readonly Visible[],
    where: string,
    width: number,
  ): string {
    const key = this.#column(from.visible);
    const other = this.#column(from.visible);
    const items = Array.from(
      { length: width },
      (_, index) => `${index === 0 ? key : this.#aggregate(scope)} as c${index}`,
    );
    const having = this.#chance(0.4)
      ? ` having ${this.#aggregate(scope)} ${this.#pick(COMPARISONS)} ${this.#below(4)}`
      : "";
    return `select ${items.join(", ")} from ${from.sql}${where} group by ${key}${
      this.#chance(0.3) ? `, ${other}` : ""
    }${having}`;
  }

  #setOperation(outer: readonly Visible[], depth: number, width: number): string {
    const operator = this.#pick(["union", "union all", "intersect", "except", "intersect all", "except all"]);
    return `(${this.#select(outer, depth - 1, width)}) ${operator} (${
      this.#select(outer, depth - 1, width)
    })`;
  }

  #column(scope: readonly Visible[]): string {
    // Near relations are more likely, so that most subqueries have something of their own.
    const visible = this.#chance(0.5) ? scope[scope.length - 1]! : this.#pick(scope);
    return `${visible.alias}.${this.#pick(visible.columns)}`;
  }

  #aggregate(scope: readonly Visible[]): string {
    const name = this.#pick(["count", "sum", "min", "max", "count(distinct"]);
    if (name === "count(distinct") return `count(distinct ${this.#column(scope)})`;
    if (name === "count" && this.#chance(0.5)) return "count(*)";
    const filter = this.#chance(0.2) ? ` filter (where ${this.#comparison(scope)})` : "";
    return `${name}(${this.#simple(scope)})${filter}`;
  }

  #simple(scope: readonly Visible[]): string {
    const column = this.#column(scope);
    switch (this.#below(6)) {
      case 0:
        return `${column} + 1`;
      case 1:
        return `coalesce(${column}, 2)`;
      case 2:
        return `${column} + ${this.#column(scope)}`;
      default:
        return column;
    }
  }

  #scalar(scope: readonly Visible[], depth: number): string {
    if (depth === 0 || this.#chance(0.6)) return this.#simple(scope);
    if (this.#chance(0.2)) {
      return `case when ${this.#condition(scope, depth - 1)} then ${this.#simple(scope)} else ${
        this.#scalar(scope, depth - 1)
      } end`;
    }
    return this.#scalarSubquery(scope, depth);
  }

  #scalarSubquery(scope: readonly Visible[], depth: number): string {
    const from = this.#from(scope, depth - 1);
    const inner = [...scope, ...from.visible];
    const where = this.#chance(0.9) ? ` where ${this.#condition(inner, depth - 1)}` : "";
    const having = this.#chance(0.2) ? ` having count(*) ${this.#pick(COMPARISONS)} ${this.#below(3)}` : "";
    return `(select ${this.#aggregate(inner)} from ${from.sql}${where}${having})`;
  }

  #comparison(scope: readonly Visible[]): string {
    const right = this.#chance(0.3) ? String(this.#below(5)) : this.#simple(scope);
    return `${this.#column(scope)} ${this.#pick(COMPARISONS)} ${right}`;
  }

  #condition(scope: readonly Visible[], depth: number): string {
    const kind = this.#below(depth > 0 ? 14 : 6);
    switch (kind) {
      case 0:
        return `(${this.#condition(scope, depth)} and ${this.#condition(scope, depth)})`;
      case 1:
        return `(${this.#condition(scope, depth)} or ${this.#comparison(scope)})`;
      case 2:
        return `${this.#column(scope)} is ${this.#chance(0.5) ? "not " : ""}null`;
      case 3:
        return `not (${this.#condition(scope, depth)})`;
      case 6:
      case 7:
        return `${this.#chance(0.4) ? "not " : ""}exists (${this.#select(scope, depth - 1, 1)})`;
      case 8:
      case 9:
        return `${this.#column(scope)} ${this.#chance(0.4) ? "not " : ""}in (${
          this.#select(scope, depth - 1, 1)
        })`;
      case 10:
        return `${this.#column(scope)} ${this.#pick(COMPARISONS)} ${this.#pick(["any", "all"])} (${
          this.#select(scope, depth - 1, 1)
        })`;
      case 11:
        return `${this.#column(scope)} ${this.#pick(COMPARISONS)} ${this.#scalarSubquery(scope, depth)}`;
      case 12:
        return `(${this.#column(scope)}, ${this.#column(scope)}) in (${this.#select(scope, depth - 1, 2)})`;
      default:
        return this.#comparison(scope);
    }
  }
}
