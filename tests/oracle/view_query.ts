/**
 * Random queries for views: every construct that has an operator of its own in circuits, and what is built on them.
 *
 * The general writer of queries (random_query.ts) draws expressions in all their breadth, and rarely what only some
 * plans have: conditions on time, recursion over edges, ASOF, QUALIFY, ties, marks. Here every query is one of those,
 * over columns as they are, inside of zero to two others. The first column, `c0`, is always a whole number.
 *
 * @module
 */
import type { Family, RandomTable } from "./random_table.ts";
import { ViewCalls } from "./view_calls.ts";
import { COMPARABLE } from "./view_words.ts";

/** A query, and what its view has where that is not the query's answer. */
export interface ViewQuery {
  readonly sql: string;
  /** Properties of the view. */
  readonly properties: readonly string[];
  /** A query of the view's rows; `$query` stands for the text of the view's query. */
  readonly answer: string | undefined;
}

const MOMENTS: readonly Family[] = ["date", "timestamp"];

/** Writes queries over the given tables. */
export class ViewQueryWriter extends ViewCalls {
  #names = 0;

  /** A query whose view has its answer. */
  write(): ViewQuery {
    let sql = this.#construct();
    for (let i = this.pick([0, 0, 0, 1, 1, 2]); i > 0; i--) sql = this.#around(sql);
    return { sql, properties: [], answer: undefined };
  }

  /** A query over `alpha` that fails for some of its rows, which the view leaves out. */
  writeQuarantine(): ViewQuery {
    const table = this.tables[0]!;
    const whole = this.of(table, ["whole"]);
    const text = this.of(table, ["text"]);
    const [risky, good] = this.pick([
      [`10 / x.${whole}`, `(${whole} <> 0) IS NOT FALSE`],
      [`7 % x.${whole}`, `(${whole} <> 0) IS NOT FALSE`],
      [`CAST(x.${text} AS INTEGER)`, `${text} IS NULL OR ${text} SIMILAR TO '[0-9]+'`],
      [`CAST(x.${whole} * 20000 AS SMALLINT)`, `(abs(${whole}) < 2) IS NOT FALSE`],
    ]);
    const any = `x.${this.any(table)}`;
    const [, other] = this.tables;
    const key = other === undefined ? "" : this.of(other, ["whole"]);
    const pairs = other === undefined ? [] : [
      `SELECT x.${whole} AS c0, y.${key} AS c1 FROM alpha AS x JOIN ${other.name} AS y ON ${risky} = y.${key}`,
      `SELECT x.${whole} AS c0, y.${key} AS c1 FROM alpha AS x LEFT JOIN ${other.name} AS y ON ${risky} = y.${key}`,
      `SELECT ${risky} AS c0 FROM alpha AS x UNION ALL SELECT y.${key} FROM ${other.name} AS y`,
      `SELECT ${risky} AS c0 FROM alpha AS x EXCEPT SELECT y.${key} FROM ${other.name} AS y`,
    ];
    const sql = this.pick([
      ...pairs,
      `SELECT ${risky} AS c0, ${any} AS c1 FROM alpha AS x`,
      `SELECT ${risky} AS c0, count(*) AS c1 FROM alpha AS x GROUP BY 1`,
      `SELECT max(x.${whole}) AS c0, sum(${risky}) AS c1 FROM alpha AS x`,
      `SELECT x.${whole} AS c0, count(*) FILTER (WHERE ${risky} > 1) AS c1 FROM alpha AS x GROUP BY 1`,
      `SELECT x.${whole} AS c0, rank() OVER (PARTITION BY ${risky} ORDER BY x.${whole}) AS c1 FROM alpha AS x`,
      `SELECT x.${whole} AS c0, ${any} AS c1 FROM alpha AS x WHERE ${risky} > 1`,
      `SELECT DISTINCT ${risky} AS c0 FROM alpha AS x`,
      `SELECT ${risky} AS c0 FROM alpha AS x ORDER BY 1 DESC LIMIT 4`,
      `SELECT ${risky} AS c0 FROM alpha AS x ORDER BY 1 FETCH FIRST 2 ROWS WITH TIES`,
    ]);
    // Rows of alpha that are left out stand below every other use of the table.
    const answer = `WITH alpha AS (SELECT * FROM alpha WHERE ${good}) SELECT * FROM ($query) AS q`;
    return { sql, properties: ["on_error = quarantine"], answer };
  }

  /** Rows that leave when they are old. */
  writeRetention(): ViewQuery | undefined {
    const table = this.pick(this.tables);
    const moment = this.maybe(table, MOMENTS);
    const whole = this.of(table, ["whole"]);
    if (moment === undefined) return undefined;
    const sql = this.pick([
      `SELECT x.${whole} AS c0, x.${moment} AS c1 FROM ${table.name} AS x`,
      `SELECT count(*) AS c0, x.${moment} AS c1 FROM ${table.name} AS x GROUP BY 2`,
      `SELECT max(x.${whole}) AS c0, max(x.${moment}) AS c1 FROM ${table.name} AS x GROUP BY x.${whole}`,
      `SELECT x.${whole} AS c0, x.${moment} AS c1 FROM ${table.name} AS x ORDER BY 2 DESC, 1 LIMIT 6`,
      `SELECT DISTINCT x.${whole} AS c0, x.${moment} AS c1 FROM ${table.name} AS x`,
    ]);
    const length = this.pick(["1 day", "30 days", "1 month", "3 months", "1 year", "6 hours"]);
    return {
      sql,
      properties: [`retention = '${length}'`, "retention_column = 'c1'"],
      answer: `SELECT * FROM ($query) AS q WHERE c1 IS NULL OR c1 >= localtimestamp - interval '${length}'`,
    };
  }

  // --- Constructs --------------------------------------------------------------------------------

  #construct(): string {
    switch (this.random.integer(0, this.temporal ? 13 : 12)) {
      case 0:
        return this.#join();
      case 1:
        return this.#outerJoin();
      case 2:
        return this.#subquery();
      case 3:
        return this.#mark();
      case 4:
        return this.#aggregate();
      case 5:
        return this.#groupingSets();
      case 6:
        return this.#window();
      case 7:
        return this.#qualify();
      case 8:
        return this.#first();
      case 9:
        return this.#set();
      case 10:
        return this.#recursion();
      case 11:
        return this.#asof();
      case 12:
        return this.#function();
      default:
        return this.#temporalValue();
    }
  }

  /** A query over a query. */
  #around(inner: string): string {
    const alias = `o${++this.#names}`;
    const table = this.pick(this.tables);
    const key = this.of(table, ["whole"]);
    const from = `(${inner}) AS ${alias}`;
    return this.pick([
      `SELECT ${alias}.c0, count(*) AS c1 FROM ${from} GROUP BY ${alias}.c0`,
      `SELECT max(${alias}.c0) AS c0, count(*) AS c1, count(DISTINCT ${alias}.c0) AS c2 FROM ${from}`,
      `SELECT DISTINCT ${alias}.c0 FROM ${from}`,
      `SELECT ${alias}.c0, t.${this.any(table)} AS c1 FROM ${from} ${
        this.pick(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
      } ${table.name} AS t ON t.${key} = ${alias}.c0`,
      `SELECT t.${key} AS c0 FROM ${table.name} AS t WHERE ${
        this.pick(["EXISTS", "NOT EXISTS"])
      } (SELECT 1 FROM ${from} WHERE ${alias}.c0 = t.${key})`,
      `SELECT t.${key} AS c0 FROM ${table.name} AS t WHERE t.${key} ${
        this.pick(["IN", "NOT IN"])
      } (SELECT ${alias}.c0 FROM ${from})`,
      `SELECT ${alias}.c0, count(*) OVER (PARTITION BY ${alias}.c0) AS c1 FROM ${from}`,
      `SELECT ${alias}.c0, dense_rank() OVER (ORDER BY ${alias}.c0) AS c1 FROM ${from}`,
      `SELECT ${alias}.c0 FROM ${from} ${
        this.pick(["UNION", "UNION ALL", "EXCEPT", "EXCEPT ALL", "INTERSECT", "INTERSECT ALL"])
      } SELECT t.${key} FROM ${table.name} AS t`,
      `SELECT ${alias}.c0 FROM ${from} ORDER BY ${alias}.c0 ${this.pick(["", "DESC"])} LIMIT ${
        this.random.integer(1, 5)
      }`,
      `SELECT ${alias}.c0, (SELECT count(*) FROM ${table.name} AS t WHERE t.${key} = ${alias}.c0) AS c1 FROM ${from}`,
      `WITH q AS (${inner}) SELECT l.c0, count(*) AS c1 FROM q AS l JOIN q AS r ON l.c0 = r.c0 GROUP BY l.c0`,
    ]);
  }

  #join(): string {
    const [a, b, c] = [this.pick(this.tables), this.pick(this.tables), this.pick(this.tables)] as const;
    const whole = this.of(a, ["whole"]);
    const sides = `${this.source(a, "a")} JOIN ${this.source(b, "b")} ON ${this.on(a, b)}`;
    if (this.chance(0.5)) return `SELECT a.${whole} AS c0, b.${this.any(b)} AS c1 FROM ${sides}`;
    const kind = this.pick(["JOIN", "LEFT JOIN"]);
    return `SELECT a.${whole} AS c0, b.${this.any(b)} AS c1, c.${this.any(c)} AS c2 FROM ${sides} ` +
      `${kind} ${this.source(c, "c")} ON ${this.link(b, "b", c, "c")}`;
  }

  #outerJoin(): string {
    const [a, b] = [this.pick(this.tables), this.pick(this.tables)];
    const kind = this.pick(["LEFT", "RIGHT", "FULL", "SEMI", "ANTI"]);
    const on = kind === "FULL" ? this.link(a, "a", b, "b") : this.on(a, b);
    const both = kind === "SEMI" || kind === "ANTI" ? "" : `, b.${this.any(b)} AS c2`;
    return `SELECT a.${this.of(a, ["whole"])} AS c0, a.${this.any(a)} AS c1${both} FROM ` +
      `${this.source(a, "a")} ${kind} JOIN ${this.source(b, "b")} ON ${on}`;
  }

  #subquery(): string {
    const [a, b] = [this.pick(this.tables), this.pick(this.tables)];
    const whole = this.of(a, ["whole"]);
    const from = `SELECT a.${whole} AS c0, a.${this.any(a)} AS c1 FROM ${this.source(a, "a")}`;
    const inner = this.source(b, "b");
    const key = this.of(b, ["whole"]);
    const aggregate = this.pick(["count(*)", `max(b.${key})`, `sum(b.${key})`]);
    return this.pick([
      `${from} WHERE EXISTS (SELECT 1 FROM ${inner} WHERE ${this.on(a, b)})`,
      `${from} WHERE NOT EXISTS (SELECT 1 FROM ${inner} WHERE ${this.on(a, b)})`,
      `${from} WHERE a.${whole} IN (SELECT b.${key} FROM ${inner})`,
      `${from} WHERE a.${whole} NOT IN (SELECT b.${key} FROM ${inner})`,
      `${from} WHERE a.${whole} NOT IN (SELECT b.${key} FROM ${inner} WHERE ${this.link(a, "a", b, "b")})`,
      `${from} WHERE a.${whole} > ALL (SELECT b.${key} FROM ${inner} WHERE ${this.link(a, "a", b, "b")})`,
      `${from} WHERE a.${whole} <= ANY (SELECT b.${key} FROM ${inner})`,
      `${from} WHERE a.${whole} > (SELECT avg(b.${key}) FROM ${inner})`,
      `${from} WHERE a.${whole} >= (SELECT ${aggregate} FROM ${inner} WHERE ${this.link(a, "a", b, "b")})`,
    ]);
  }

  /** Subqueries as values: marks, single rows. */
  #mark(): string {
    const [a, b] = [this.pick(this.tables), this.pick(this.tables)];
    const whole = this.of(a, ["whole"]);
    const inner = this.source(b, "b");
    const key = this.of(b, ["whole"]);
    const value = this.pick([
      `EXISTS (SELECT 1 FROM ${inner} WHERE ${this.on(a, b)})`,
      `a.${whole} IN (SELECT b.${key} FROM ${inner})`,
      `a.${whole} NOT IN (SELECT b.${key} FROM ${inner} WHERE ${this.link(a, "a", b, "b")})`,
      `a.${whole} IN (SELECT b.${key} FROM ${inner} WHERE ${this.inequality(a, "a", b, "b")})`,
      `(SELECT count(*) FROM ${inner} WHERE ${this.link(a, "a", b, "b")})`,
      `(SELECT min(b.${this.of(b, COMPARABLE)}) FROM ${inner} WHERE ${this.on(a, b)})`,
      b.keyed
        ? `(SELECT b.${this.any(b)} FROM ${b.name} AS b WHERE b.id = a.${whole})`
        : `(SELECT max(b.${key}) FROM ${inner})`,
      b.keyed
        ? `(SELECT b.${this.any(b)} FROM ${inner} WHERE b.id = a.${whole} AND ${
          this.inequality(a, "a", b, "b")
        })`
        : `(SELECT sum(b.${key}) FROM ${inner} WHERE ${this.inequality(a, "a", b, "b")})`,
    ]);
    return `SELECT a.${whole} AS c0, ${value} AS c1 FROM ${this.source(a, "a")}`;
  }

  #aggregate(): string {
    const table = this.pick(this.tables);
    const calls = Array.from(
      { length: this.random.integer(1, 4) },
      (_, i) => `${this.call(table, "a")} AS c${i + 1}`,
    ).join(", ");
    const from = this.source(table, "a");
    const key = this.pick([`a.${this.of(table, ["whole"])}`, `a.${this.of(table, ["whole"])} % 3`]);
    const second = this.chance(0.3) ? `, a.${this.of(table, COMPARABLE)}` : "";
    const having = this.chance(0.2) ? ` HAVING count(*) > ${this.random.integer(0, 2)}` : "";
    if (this.chance(0.2)) return `SELECT count(*) AS c0, ${calls} FROM ${from}${having}`;
    return `SELECT ${key} AS c0, ${calls} FROM ${from} GROUP BY ${key}${second}${having}`;
  }

  #groupingSets(): string {
    const table = this.pick(this.tables);
    const x = `a.${this.of(table, ["whole"])}`;
    const y = `a.${this.of(table, ["text", "date", "boolean"])}`;
    const sets = this.pick([
      `ROLLUP (${x}, ${y})`,
      `CUBE (${x}, ${y})`,
      `GROUPING SETS ((${x}), (${y}), ())`,
      `GROUPING SETS ((${x}, ${y}), (${x}), (${x}))`,
      `${x}, ROLLUP (${y})`,
    ]);
    return `SELECT ${x} AS c0, ${y} AS c1, ${this.call(table, "a")} AS c2, GROUPING(${x}, ${y}) AS c3 ` +
      `FROM ${this.source(table, "a")} GROUP BY ${sets}`;
  }

  #window(): string {
    const table = this.pick(this.tables);
    const calls = Array.from(
      { length: this.random.integer(1, 2) },
      (_, i) => `${this.windowCall(table)} AS c${i + 2}`,
    ).join(", ");
    return `SELECT a.${this.of(table, ["whole"])} AS c0, a.${this.any(table)} AS c1, ${calls} FROM ` +
      this.source(table, "a");
  }

  #qualify(): string {
    const table = this.pick(this.tables);
    const whole = `a.${this.of(table, ["whole"])}`;
    const partition = this.chance(0.8) ? `PARTITION BY a.${this.of(table, COMPARABLE)} ` : "";
    const order = `ORDER BY a.${this.of(table, COMPARABLE)}${this.pick(["", " DESC"])}`;
    const total = table.keyed ? `${order}, a.id` : order;
    const call = table.keyed
      ? this.pick([`row_number() OVER (${partition}${total})`, `rank() OVER (${partition}${order})`])
      : this.pick([`rank() OVER (${partition}${order})`, `dense_rank() OVER (${partition}${order})`]);
    const bound = this.pick(["= 1", "<= 2", "< 4", "> 1", "BETWEEN 2 AND 3"]);
    const from = this.source(table, "a");
    return this.chance(0.6)
      ? `SELECT ${whole} AS c0, a.${this.any(table)} AS c1 FROM ${from} QUALIFY ${call} ${bound}`
      : `SELECT c0, c1 FROM (SELECT ${whole} AS c0, a.${
        this.any(table)
      } AS c1, ${call} AS n FROM ${from}) AS s WHERE n ${bound}`;
  }

  /** LIMIT, OFFSET, WITH TIES, DISTINCT ON. */
  #first(): string {
    const table = this.pick(this.tables);
    const from = this.source(table, "a");
    const whole = `a.${this.of(table, ["whole"])}`;
    const other = `a.${this.of(table, COMPARABLE)}`;
    const direction = this.pick(["", " DESC", " NULLS FIRST", " DESC NULLS LAST"]);
    const count = this.pick([1, 2, 3, 5, 20]);
    const offset = this.pick(["", "", " OFFSET 1", " OFFSET 3"]);
    return this.pick([
      `SELECT ${whole} AS c0, ${other} AS c1 FROM ${from} ORDER BY 2${direction}, 1${direction} LIMIT ${count}${offset}`,
      `SELECT ${whole} AS c0, ${other} AS c1 FROM ${from} ORDER BY 1${direction}, 2${offset}`,
      `SELECT ${whole} AS c0, ${other} AS c1 FROM ${from} ORDER BY 1${direction} FETCH FIRST ${count} ROWS WITH TIES`,
      `SELECT ${whole} AS c0, ${other} AS c1 FROM ${from} ORDER BY 2${direction}${offset} FETCH FIRST ${count} ROWS WITH TIES`,
      `SELECT DISTINCT ON (${whole}) ${whole} AS c0, ${other} AS c1 FROM ${from} ORDER BY ${whole}, 1, 2${direction}`,
      `SELECT DISTINCT ON (${other}) ${whole} AS c0, ${other} AS c1 FROM ${from} ORDER BY ${other}, 1${direction}, 2`,
    ]);
  }

  #set(): string {
    const [a, b] = [this.pick(this.tables), this.pick(this.tables)];
    const families = this.pick<readonly Family[]>([["whole"], ["whole", "text"], ["whole", "whole"]]);
    const items = (table: RandomTable, alias: string) =>
      families.map((family, i) => `${alias}.${this.of(table, [family])} AS c${i}`).join(", ");
    const operator = () =>
      this.pick(["UNION", "UNION ALL", "EXCEPT", "EXCEPT ALL", "INTERSECT", "INTERSECT ALL"]);
    const left = `SELECT ${items(a, "a")} FROM ${this.source(a, "a")}`;
    const right = `SELECT ${items(b, "b")} FROM ${this.source(b, "b")}`;
    if (this.chance(0.6)) return `${left} ${operator()} ${right}`;
    return `(${left} ${operator()} ${right}) ${operator()} SELECT ${items(a, "d")} FROM ${a.name} AS d`;
  }

  /** Along the edges that the whole numbers of a table's rows make. */
  #recursion(): string {
    const table = this.pick(this.tables);
    const wholes = table.columns.filter(({ family }) => family === "whole").map(({ name }) => name);
    const [from, to] = [this.pick(wholes), this.pick(wholes)];
    const edges = this.source(table, "e");
    const seed = this.pick([
      `SELECT CAST(a.${from} AS BIGINT) AS c0 FROM ${table.name} AS a WHERE ${this.condition(table, "a")}`,
      "SELECT CAST(1 AS BIGINT) AS c0",
      `SELECT CAST(a.${from} AS BIGINT) AS c0 FROM ${table.name} AS a`,
    ]);
    const step = `SELECT CAST(e.${to} AS BIGINT) FROM r JOIN ${edges} ON e.${from} = r.c0`;
    const roll = this.random.next();
    if (roll < 0.1) {
      // Reads the recursion twice, or keeps what has no match: not linear.
      return this.pick([
        `WITH RECURSIVE r(c0, c1) AS (SELECT a.${from}, a.${to} FROM ${table.name} AS a ` +
        "UNION SELECT x.c0, y.c1 FROM r AS x JOIN r AS y ON x.c1 = y.c0) SELECT c0, c1 FROM r",
        `WITH RECURSIVE r(c0) AS (${seed} UNION SELECT CAST(e.${to} AS BIGINT) FROM r LEFT JOIN ${edges} ON e.${from} = r.c0) ` +
        "SELECT c0 FROM r",
        `WITH RECURSIVE r(c0) AS (${seed} UNION ${step} WHERE NOT EXISTS (SELECT 1 FROM ${table.name} AS f WHERE f.${
          this.of(table, ["whole"])
        } = r.c0 AND f.${to} > 4)) SELECT c0 FROM r`,
      ]);
    }
    if (roll < 0.35) return `WITH RECURSIVE r(c0) AS (${seed} UNION ${step}) SELECT c0 FROM r`;
    if (roll < 0.5) {
      return `WITH RECURSIVE r(c0, c1) AS (SELECT CAST(a.${from} AS BIGINT), CAST(a.${to} AS BIGINT) FROM ${table.name} AS a ` +
        `UNION SELECT r.c0, CAST(e.${to} AS BIGINT) FROM r JOIN ${edges} ON e.${from} = r.c1) SELECT c0, c1 FROM r`;
    }
    if (roll < 0.75) {
      const depth = this.large ? 1 : this.random.integer(1, 2);
      const all = this.pick(["", " ALL"]);
      return `WITH RECURSIVE r(c0, n) AS (SELECT q.c0, 0 FROM (${seed}) AS q ` +
        `UNION${all} SELECT CAST(e.${to} AS BIGINT), r.n + 1 FROM r JOIN ${edges} ON e.${from} = r.c0 WHERE r.n < ${depth}) ` +
        this.pick(["SELECT c0, n FROM r", "SELECT c0, min(n) AS c1 FROM r GROUP BY c0"]);
    }
    if (roll < 0.9) {
      return `WITH RECURSIVE r(c0) AS (${seed} UNION ${step} WHERE e.${from} <> e.${to}) ` +
        `SELECT r.c0, x.${this.any(table)} AS c1 FROM r LEFT JOIN ${table.name} AS x ON x.${from} = r.c0`;
    }
    return `WITH RECURSIVE r(c0) AS (${seed} UNION ${step}) SELECT x.${from} AS c0 FROM ${table.name} AS x ` +
      `WHERE x.${from} NOT IN (SELECT c0 FROM r)`;
  }

  #asof(): string {
    const [a, b] = [this.pick(this.tables), this.pick(this.tables)];
    const kind = this.pick(["ASOF JOIN", "ASOF LEFT JOIN"]);
    // Rows of the right side with equal times are told apart by nothing: times are keys where there is one.
    const moments = b.keyed ? ["whole"] as const : this.pick([["whole"], ["date"], ["timestamp"]] as const);
    const time = b.keyed ? "id" : this.of(b, moments);
    const family = b.columns.find(({ name }) => name === time)!.family;
    const own = this.maybe(a, [family]) ?? this.of(a, ["whole"]);
    const operator = this.pick([">=", ">", "<=", "<"]);
    const shown = b.keyed ? this.any(b) : time;
    const equal = this.chance(0.8) ? `${this.link(a, "a", b, "b")} AND ` : "";
    const rest = this.chance(0.2)
      ? ` AND (a.${this.of(a, ["whole"])} - b.${this.of(b, ["whole"])}) % 3 <> 1`
      : "";
    return `SELECT a.${this.of(a, ["whole"])} AS c0, b.${shown} AS c1 FROM ${this.source(a, "a")} ${kind} ${
      this.source(b, "b")
    } ON ${equal}a.${own} ${operator} b.${time}${rest}`;
  }

  /** Set-returning functions, lateral subqueries. */
  #function(): string {
    const [a, b] = [this.pick(this.tables), this.pick(this.tables)];
    const whole = `a.${this.of(a, ["whole"])}`;
    const from = this.source(a, "a");
    const key = `b.${this.of(b, ["whole"])}`;
    const inner = `${this.source(b, "b")} WHERE ${this.link(a, "a", b, "b")}`;
    return this.pick([
      `SELECT ${whole} AS c0, g.n AS c1 FROM ${from}, generate_series(1, ${whole} % 4) AS g(n)`,
      `SELECT ${whole} AS c0, u.x AS c1 FROM ${from} CROSS JOIN LATERAL unnest(ARRAY[${whole}, 1, NULL]) AS u(x)`,
      `SELECT ${whole} AS c0, u.x AS c1, u.n AS c2 FROM ${from} LEFT JOIN LATERAL unnest(ARRAY[${whole}]) WITH ORDINALITY AS u(x, n) ON TRUE`,
      `SELECT ${whole} AS c0, l.m AS c1 FROM ${from}, LATERAL (SELECT max(${key}) AS m, count(*) AS n FROM ${inner}) AS l`,
      `SELECT ${whole} AS c0, l.k AS c1 FROM ${from} LEFT JOIN LATERAL (SELECT ${key} AS k FROM ${inner} ORDER BY 1 LIMIT 2) AS l ON TRUE`,
      `SELECT ${whole} AS c0, l.k AS c1 FROM ${from} CROSS JOIN LATERAL (SELECT DISTINCT ${key} + 1 AS k FROM ${inner}) AS l`,
    ]);
  }

  /** Conditions on time as values. */
  #temporalValue(): string {
    const table = this.pick(this.tables);
    const whole = `a.${this.of(table, ["whole"])}`;
    const condition = this.timeCondition(table, "a");
    const from = `${table.name} AS a`;
    return this.pick([
      `SELECT ${whole} AS c0, (${condition}) AS c1 FROM ${from}`,
      `SELECT ${whole} AS c0, CASE WHEN ${condition} THEN 'now' ELSE 'not' END AS c1 FROM ${from}`,
      `SELECT ${whole} AS c0, count(*) FILTER (WHERE ${condition}) AS c1, count(*) AS c2 FROM ${from} GROUP BY 1`,
      `SELECT count(*) AS c0, (${condition}) AS c1 FROM ${from} GROUP BY 2`,
      `SELECT a.${this.of(table, ["whole"])} AS c0, b.${
        this.any(table)
      } AS c1 FROM ${from} LEFT JOIN ${table.name} AS b ` +
      `ON ${this.link(table, "a", table, "b")} AND (${condition})`,
      `SELECT ${whole} AS c0, rank() OVER (PARTITION BY (${condition}) ORDER BY ${whole}) AS c1 FROM ${from}`,
    ]);
  }
}
