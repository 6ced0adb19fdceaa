/**
 * Random queries as SQL text: every kind of join, subquery, grouping, window, set operation and common table.
 *
 * Every query has one answer as a multiset: LIMIT stands only behind a total order, window functions that count
 * rows sort totally, lists sort their elements.
 *
 * @module
 */
import type { SeededRandom } from "../../src/base/random.ts";
import { randomAggregate, randomWindow } from "./random_call.ts";
import {
  type ExpressionProfile,
  type ExpressionScope,
  ExpressionWriter,
  type Leaf,
  type SubqueryForm,
  TYPE_NAMES,
} from "./random_expression.ts";
import type { Family, RandomTable } from "./random_table.ts";

interface NamedColumn {
  readonly name: string;
  readonly family: Family;
}

/** A table in FROM. */
interface Source {
  readonly alias: string;
  readonly columns: readonly NamedColumn[];
  /** Columns that tell its rows apart, or the rows are alike. */
  readonly order: readonly string[];
  /** No two rows are alike. */
  readonly distinct: boolean;
}

/** What can be read by name: tables and common tables. */
interface Relation {
  readonly name: string;
  readonly columns: readonly NamedColumn[];
  readonly keyed: boolean;
}

interface Body {
  readonly sql: string;
  readonly families: readonly Family[];
}

/** Where a query stands. */
interface Place {
  readonly outer: readonly Leaf[];
  readonly relations: readonly Relation[];
  readonly depth: number;
}

const FAMILIES: readonly Family[] = [
  ...["whole", "whole", "text", "text", "decimal", "double", "date"] as const,
  ...["boolean", "timestamp", "interval", "json", "wholes", "texts", "time"] as const,
];

/** What a query may hold besides what expressions may. */
export interface QueryProfile extends ExpressionProfile {
  /** Rows of the tables are many: no products. */
  readonly large: boolean;
  /** Constructs that PostgreSQL does not know. */
  readonly beyondPostgres: boolean;
}

/** Writes queries over the given tables. */
export class QueryWriter {
  readonly #random: SeededRandom;
  readonly #tables: readonly Relation[];
  readonly #profile: QueryProfile;
  #names = 0;

  constructor(random: SeededRandom, tables: readonly RandomTable[], profile: QueryProfile) {
    this.#random = random;
    this.#profile = profile;
    this.#tables = tables.map(({ name, columns, keyed }) => ({ name, columns, keyed }));
  }

  /** A whole query. */
  write(): string {
    this.#names = 0;
    if (this.#profile.risky) return this.#riskyQuery();
    const depth = this.#random.pick(this.#profile.large ? [1, 2] : [1, 2, 2, 3]);
    return this.#query({ outer: [], relations: this.#tables, depth }, undefined).sql;
  }

  #chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  #alias(prefix: string): string {
    return `${prefix}${++this.#names}`;
  }

  /** One table, expressions that may fail: an error in one engine must be an error in the other. */
  #riskyQuery(): string {
    const source = this.#source(this.#random.pick(this.#tables));
    const writer = new ExpressionWriter(
      this.#random,
      { leaves: leavesOf([source]), outer: [] },
      this.#profile,
    );
    return `SELECT ${writer.write(this.#random.pick(FAMILIES), 3)} AS c0 FROM ${source.sql}`;
  }

  /** WITH, body, ORDER BY and LIMIT. */
  #query(place: Place, want: readonly Family[] | undefined): Body {
    if (place.depth > 1 && this.#chance(0.15)) return this.#withQuery(place, want);
    const { random } = { random: this.#random };
    if (want === undefined && this.#chance(0.07)) return this.#distinctOn(place);
    const body = this.#body(place, want);
    const count = body.families.length;
    const roll = random.next();
    if (roll < 0.35) return body;
    const positions = shuffled(random, body.families.map((_, i) => i + 1));
    const items = positions.map((position) =>
      `${position}${random.pick(["", "", " ASC", " DESC", " NULLS FIRST", " DESC NULLS LAST"])}`
    );
    if (roll < 0.7) return { ...body, sql: `${body.sql} ORDER BY ${items.join(", ")}` };
    if (roll < 0.78 && count > 1) {
      const some = items.slice(0, random.integer(1, count - 1)).join(", ");
      return {
        ...body,
        sql: `${body.sql} ORDER BY ${some} FETCH FIRST ${random.integer(1, 6)} ROWS WITH TIES`,
      };
    }
    const limit = random.pick([` LIMIT ${random.integer(0, 8)}`, ` LIMIT ${random.integer(1, 5)}`, ""]);
    const offset = limit === "" || this.#chance(0.4) ? ` OFFSET ${random.integer(0, 4)}` : "";
    return { ...body, sql: `${body.sql} ORDER BY ${items.join(", ")}${limit}${offset}` };
  }

  #distinctOn(place: Place): Body {
    const from = this.#from(place);
    const writer = this.#writer(from.sources, place);
    const families = this.#families(place);
    const expressions = families.map((family) => writer.write(family, 2));
    const keys = [writer.leaf(writer.family())];
    if (this.#chance(0.3)) keys.push(writer.leaf(writer.family()));
    // Constants in DISTINCT ON and ORDER BY would be positions.
    const named = keys.filter((key) => /^[a-z]\w*\.\w+$/.test(key));
    if (named.length === 0) return this.#body(place, undefined);
    const order = [...named, ...families.map((_, i) => String(i + 1))].join(", ");
    const where = this.#where(writer, place.depth);
    const items = expressions.map((text, i) => `${text} AS c${i}`).join(", ");
    return {
      families,
      sql: `SELECT DISTINCT ON (${named.join(", ")}) ${items} FROM ${from.sql}${where} ORDER BY ${order}`,
    };
  }

  #withQuery(place: Place, want: readonly Family[] | undefined): Body {
    const relations = [...place.relations];
    const tables: string[] = [];
    let recursive = false;
    for (let i = this.#random.integer(1, 2); i > 0; i--) {
      const name = this.#alias("q");
      if (this.#chance(0.35)) {
        const columns: NamedColumn[] = [{ name: "n", family: "whole" }, { name: "z", family: "whole" }];
        tables.push(`${name}(n, z) AS (${this.#recursion(name)})`);
        relations.push({ name, columns, keyed: false });
        recursive = true;
        continue;
      }
      const { sql, families } = this.#query(
        { ...place, relations: [...relations], depth: place.depth - 1 },
        undefined,
      );
      tables.push(`${name} AS ${this.#random.pick(["", "", "MATERIALIZED ", "NOT MATERIALIZED "])}(${sql})`);
      const named = families.map((family, c) => ({ name: `c${c}`, family }));
      // Both references of a table that is used often.
      relations.push({ name, columns: named, keyed: false }, { name, columns: named, keyed: false });
    }
    const { sql, families } = this.#body({ ...place, relations, depth: place.depth - 1 }, want);
    return { families, sql: `WITH ${recursive ? "RECURSIVE " : ""}${tables.join(", ")} ${sql}` };
  }

  #recursion(name: string): string {
    const random = this.#random;
    const table = random.pick(this.#tables);
    const wholes = table.columns.filter((column) => column.family === "whole").map((column) => column.name);
    if (this.#chance(0.4) || wholes.length < 2 || this.#profile.large) {
      const step = random.pick(["n + 1, z + n", "n + 1, z * 2", "n + 1, -z"]);
      const all = random.pick(["ALL ", ""]);
      return `SELECT 1, CAST(${random.integer(0, 3)} AS BIGINT) UNION ${all}SELECT CAST(${
        step.split(", ")[0]
      } AS INTEGER), CAST(${step.split(", ")[1]} AS BIGINT) FROM ${name} WHERE n < ${random.integer(1, 8)}`;
    }
    const [from, to] = shuffled(random, wholes);
    const where = random.pick([`r.n < ${random.integer(1, 3)}`, `r.n < 3 AND r.z <> g.${to}`]);
    return `SELECT 0, CAST(${from} AS BIGINT) FROM ${table.name} UNION SELECT r.n + 1, CAST(g.${to} AS BIGINT) FROM ${name} r ` +
      `JOIN ${table.name} g ON g.${from} = r.z WHERE ${where}`;
  }

  #families(place: Place): Family[] {
    return Array.from(
      { length: this.#random.integer(1, place.depth > 1 ? 4 : 3) },
      () => this.#random.pick(FAMILIES),
    );
  }

  /** A SELECT, a set operation or VALUES. */
  #body(place: Place, want: readonly Family[] | undefined): Body {
    const roll = this.#random.next();
    if (roll < 0.12 && place.depth > 0) {
      const families = want ?? this.#families(place);
      const inner = { ...place, depth: place.depth - 1 };
      const operator = this.#random.pick([
        "UNION",
        "UNION ALL",
        "INTERSECT",
        "INTERSECT ALL",
        "EXCEPT",
        "EXCEPT ALL",
      ]);
      return {
        families,
        sql: `(${this.#select(inner, families).sql}) ${operator} (${this.#body(inner, families).sql})`,
      };
    }
    if (roll < 0.15) {
      const families = want ?? this.#families(place);
      const writer = new ExpressionWriter(this.#random, { leaves: [], outer: place.outer }, this.#profile);
      const row = () =>
        `(${families.map((family) => `CAST(${writer.leaf(family)} AS ${TYPE_NAMES[family]})`).join(", ")})`;
      const rows = Array.from({ length: this.#random.integer(1, 4) }, row).join(", ");
      const alias = this.#alias("y");
      const columns = families.map((_, i) => `c${i}`).join(", ");
      return { families, sql: `SELECT * FROM (VALUES ${rows}) AS ${alias}(${columns})` };
    }
    return this.#select(place, want ?? this.#families(place));
  }

  #select(place: Place, families: readonly Family[]): Body {
    const roll = this.#random.next();
    if (roll < 0.32) return this.#grouped(place, families);
    if (roll < 0.48) return this.#windowed(place, families);
    const from = this.#from(place);
    const writer = this.#writer(from.sources, place);
    const items = families.map((family, i) => `${writer.write(family, place.depth + 1)} AS c${i}`).join(", ");
    const distinct = this.#chance(0.15) ? "DISTINCT " : "";
    return {
      families,
      sql: `SELECT ${distinct}${items} FROM ${from.sql}${this.#where(writer, place.depth)}`,
    };
  }

  #where(writer: ExpressionWriter, depth: number): string {
    return this.#chance(0.6) ? ` WHERE ${writer.write("boolean", Math.max(1, depth))}` : "";
  }

  #grouped(place: Place, families: readonly Family[]): Body {
    const random = this.#random;
    const from = this.#from(place);
    const rows = this.#writer(from.sources, place, false);
    const keys: Leaf[] = [];
    if (!this.#chance(0.25)) {
      for (let i = random.integer(1, 3); i > 0; i--) {
        const family = rows.family();
        const text = this.#chance(0.75) ? rows.leaf(family) : rows.write(family, 1);
        // A constant would be a position, or no key at all.
        if (/\b[a-z]\w*\.[a-z]/.test(text) && !/SELECT/.test(text)) keys.push({ text, family });
      }
    }
    const site = { random, rows, totalOrder: totalOrder(from.sources) };
    const sets = keys.length > 0 && this.#chance(0.25);
    const plainKeys = keys.filter(({ text }) => /^[a-z]\w*\.\w+$/.test(text));
    const inner: ExpressionScope = {
      leaves: keys,
      outer: place.outer,
      call: (family, depth) => {
        if (!sets && keys.length > 0 && this.#chance(0.08)) return this.#windowOverGroups(site, keys, family);
        if (sets && family === "whole" && this.#chance(0.3)) {
          return `GROUPING(${
            keys.slice(0, random.integer(1, keys.length)).map(({ text }) => text).join(", ")
          })`;
        }
        return randomAggregate(site, family, Math.min(depth, 2));
      },
      ...(place.depth > 0 && !sets
        ? {
          subquery: (form: SubqueryForm, family: Family, _depth: number) =>
            this.#subquery(form, family, place, plainKeys),
        }
        : {}),
    };
    const writer = new ExpressionWriter(random, inner, this.#profile);
    const having = {
      ...inner,
      call: (family: Family, depth: number) => randomAggregate(site, family, Math.min(depth, 1)),
    };
    const texts = families.map((family) =>
      keys.length > 0 && this.#chance(0.4)
        ? writer.leaf(family)
        : inner.call!(family, 1) ?? writer.write(family, place.depth)
    );
    const mixed = texts.map((text, i) =>
      this.#chance(0.3) ? writer.write(families[i]!, place.depth + 1) : text
    );
    const where = this.#where(rows, place.depth);
    const havingText = this.#chance(0.3)
      ? ` HAVING ${new ExpressionWriter(random, having, this.#profile).write("boolean", 2)}`
      : "";
    const group = keys.length === 0
      ? ""
      : ` GROUP BY ${sets ? this.#groupingSets(keys) : keys.map(({ text }) => text).join(", ")}`;
    const items = mixed.map((text, i) => `${text} AS c${i}`).join(", ");
    const distinct = this.#chance(0.05) ? "DISTINCT " : "";
    return { families, sql: `SELECT ${distinct}${items} FROM ${from.sql}${where}${group}${havingText}` };
  }

  #groupingSets(keys: readonly Leaf[]): string {
    const texts = keys.map(({ text }) => text);
    const list = texts.join(", ");
    const [first] = texts;
    return this.#random.pick([
      `ROLLUP (${list})`,
      `CUBE (${list})`,
      `GROUPING SETS ((${list}), (${first}), ())`,
      `GROUPING SETS ((${first}), (${texts.at(-1)}))`,
      `GROUPING SETS (ROLLUP (${list}), (${first}))`,
      `${first}, ROLLUP (${list})`,
    ]);
  }

  /** A window over the groups: its argument is an aggregate. */
  #windowOverGroups(
    site: Parameters<typeof randomAggregate>[0],
    keys: readonly Leaf[],
    family: Family,
  ): string | undefined {
    const order = keys.map(({ text }) => text).join(", ");
    switch (family) {
      case "whole":
        return this.#random.pick([
          `row_number() OVER (ORDER BY ${order})`,
          `rank() OVER (ORDER BY ${randomAggregate(site, "whole", 0)})`,
          `lag(${randomAggregate(site, "whole", 0)}) OVER (ORDER BY ${order})`,
        ]);
      case "decimal":
        return `sum(${randomAggregate(site, "whole", 0)}) OVER (ORDER BY ${order})`;
      default:
        return undefined;
    }
  }

  #windowed(place: Place, families: readonly Family[]): Body {
    const from = this.#from(place);
    const rows = this.#writer(from.sources, place, false);
    const site = { random: this.#random, rows, totalOrder: totalOrder(from.sources) };
    const named: string[] = [];
    const name = (specification: string) => {
      named.push(`win${named.length} AS ${specification}`);
      return `win${named.length - 1}`;
    };
    // Two windows may number rows that are alike in two ways: then only one may stand.
    let left = from.sources.every(({ distinct }) => distinct) ? Infinity : 1;
    const call = (family: Family, depth: number) => {
      const text = left > 0 ? randomWindow(site, family, depth, name) : undefined;
      if (text !== undefined) left--;
      return text;
    };
    const scope: ExpressionScope = { leaves: leavesOf(from.sources), outer: place.outer, call };
    const writer = new ExpressionWriter(this.#random, scope, this.#profile);
    const items = families.map((family, i) => {
      const text = call(family, place.depth) ?? writer.write(family, place.depth);
      return `${text} AS c${i}`;
    });
    const qualify = this.#profile.beyondPostgres && left > 0 && this.#chance(0.3)
      ? ` QUALIFY ${randomWindow(site, "whole", 1, name)} <= ${this.#random.integer(1, 3)}`
      : "";
    const where = this.#where(rows, place.depth);
    const windows = named.length === 0 ? "" : ` WINDOW ${named.join(", ")}`;
    return { families, sql: `SELECT ${items.join(", ")} FROM ${from.sql}${where}${windows}${qualify}` };
  }

  #writer(sources: readonly Source[], place: Place, subqueries = true): ExpressionWriter {
    const leaves = leavesOf(sources);
    const scope: ExpressionScope = { leaves, outer: place.outer };
    if (place.depth <= 0 || !subqueries) return new ExpressionWriter(this.#random, scope, this.#profile);
    return new ExpressionWriter(this.#random, {
      ...scope,
      subquery: (form, family) => this.#subquery(form, family, place, leaves),
    }, this.#profile);
  }

  /** A subquery in parentheses. */
  #subquery(form: SubqueryForm, family: Family, place: Place, leaves: readonly Leaf[]): string {
    const correlated = this.#chance(0.65);
    const inner: Place = {
      relations: place.relations,
      outer: correlated ? [...leaves, ...place.outer] : [],
      depth: Math.min(place.depth - 1, 1),
    };
    switch (form) {
      case "scalar":
        return this.#chance(0.6)
          ? `(${this.#aggregateRow(inner, family)})`
          : `(${this.#select(inner, [family]).sql} ORDER BY 1${
            this.#random.pick(["", " DESC", " NULLS FIRST"])
          } LIMIT 1)`;
      case "exists":
        return `(${this.#body(inner, [family]).sql})`;
      case "column":
        return `(${this.#query(inner, [family]).sql})`;
      case "array": {
        const { sql } = this.#select(inner, [family]);
        return `(SELECT CAST(c0 AS TEXT) FROM (${sql}) AS ${this.#alias("z")} ORDER BY 1)`;
      }
    }
  }

  /** A query of one row: aggregates without groups. */
  #aggregateRow(place: Place, family: Family): string {
    const from = this.#from(place);
    const rows = this.#writer(from.sources, place, false);
    const aggregate = randomAggregate(
      { random: this.#random, rows, totalOrder: totalOrder(from.sources) },
      family,
      1,
    );
    const conditions: string[] = [];
    if (place.outer.length > 0 && this.#chance(0.8)) {
      const link = this.#link(leavesOf(from.sources), place.outer);
      if (link !== undefined) conditions.push(link);
    }
    if (conditions.length === 0 || this.#chance(0.3)) conditions.push(rows.write("boolean", 1));
    return `SELECT ${aggregate} FROM ${from.sql} WHERE ${conditions.join(" AND ")}`;
  }

  /** An equality, or an inequality, of a column on each side. */
  #link(left: readonly Leaf[], right: readonly Leaf[], equality = false): string | undefined {
    const families: readonly Family[] = [
      "whole",
      "text",
      "decimal",
      "date",
      "double",
      "boolean",
      "timestamp",
    ];
    const shared = families.filter((family) =>
      left.some((leaf) => leaf.family === family) && right.some((leaf) => leaf.family === family)
    );
    if (shared.length === 0) return undefined;
    const family = this.#chance(0.7) ? shared[0]! : this.#random.pick(shared);
    const of = (leaves: readonly Leaf[]) =>
      this.#random.pick(leaves.filter((leaf) => leaf.family === family)).text;
    const operator = equality || this.#chance(0.8)
      ? "="
      : this.#random.pick(["<", ">=", "<>", "IS NOT DISTINCT FROM"]);
    return `${of(left)} ${operator} ${of(right)}`;
  }

  // --- FROM -------------------------------------------------------------------------------------

  #source(relation: Relation): Source & { readonly sql: string } {
    const alias = this.#alias("r");
    const order = relation.keyed ? [relation.columns[0]!] : relation.columns;
    return {
      alias,
      distinct: relation.keyed,
      columns: relation.columns,
      order: order.map(({ name }) => `${alias}.${name}`),
      sql: `${relation.name} AS ${alias}`,
    };
  }

  /** A table, a common table, a derived table, or a table function. */
  #oneSource(place: Place): Source & { readonly sql: string } {
    const roll = this.#random.next();
    if (roll < 0.15 && place.depth > 0) return this.#derived(place, []);
    if (roll < 0.19) {
      const alias = this.#alias("g");
      return {
        alias,
        distinct: true,
        columns: [{ name: "w0", family: "whole" }],
        order: [`${alias}.w0`],
        sql: `generate_series(${this.#random.integer(-1, 1)}, ${this.#random.integer(0, 6)}) AS ${alias}(w0)`,
      };
    }
    return this.#source(this.#random.pick(place.relations));
  }

  #derived(place: Place, visible: readonly Leaf[]): Source & { readonly sql: string } {
    const alias = this.#alias("s");
    const inner = {
      ...place,
      outer: [...visible, ...place.outer],
      depth: Math.max(0, Math.min(place.depth - 1, 1)),
    };
    const { sql, families } = this.#query(inner, undefined);
    const columns = families.map((family, i) => ({ name: `c${i}`, family }));
    return {
      alias,
      distinct: false,
      columns,
      order: columns.map(({ name }) => `${alias}.${name}`),
      sql: `(${sql}) AS ${alias}`,
    };
  }

  #from(place: Place): { readonly sql: string; readonly sources: readonly Source[] } {
    const random = this.#random;
    const first = this.#oneSource(place);
    const sources: Source[] = [first];
    let sql = first.sql;
    const more = random.pick(place.depth > 1 ? [0, 1, 1, 2, 3] : place.depth > 0 ? [0, 0, 1, 2] : [0, 0, 1]);
    for (let i = 0; i < more; i++) {
      const joined = this.#join(sql, sources, place);
      sql = joined.sql;
      if (joined.source !== undefined) sources.push(joined.source);
    }
    if (this.#chance(0.06) && !this.#profile.large) {
      const other = this.#oneSource(place);
      sql += `, ${other.sql}`;
      sources.push(other);
    }
    return { sql, sources };
  }

  #join(
    left: string,
    sources: readonly Source[],
    place: Place,
  ): { readonly sql: string; readonly source?: Source } {
    const random = this.#random;
    const leaves = leavesOf(sources);
    const roll = random.next();
    if (roll < 0.08 && place.depth > 0 && !this.#profile.large) {
      const source = this.#derived(place, leaves);
      const kind = random.pick(["CROSS JOIN LATERAL", "JOIN LATERAL", "LEFT JOIN LATERAL"]);
      return { sql: `${left} ${kind} ${source.sql}${kind.startsWith("CROSS") ? "" : " ON TRUE"}`, source };
    }
    if (roll < 0.13) {
      const alias = this.#alias("u");
      const arrays = leaves.filter(({ family }) => family === "wholes");
      const call = arrays.length > 0
        ? `unnest(${random.pick(arrays).text})`
        : `generate_series(1, ${random.integer(0, 3)})`;
      const ordinal = random.next() < 0.3;
      const columns: NamedColumn[] = [{ name: "w0", family: "whole" }];
      if (ordinal) columns.push({ name: "w1", family: "whole" });
      const names = columns.map(({ name }) => name).join(", ");
      const text = `${call}${ordinal ? " WITH ORDINALITY" : ""} AS ${alias}(${names})`;
      const distinct = ordinal || arrays.length === 0;
      const source = { alias, distinct, columns, order: columns.map(({ name }) => `${alias}.${name}`) };
      return random.pick([true, false])
        ? { sql: `${left} CROSS JOIN LATERAL ${text}`, source }
        : { sql: `${left} LEFT JOIN LATERAL ${text} ON TRUE`, source };
    }
    const source = this.#oneSource(place);
    const other = leavesOf([source]);
    if (roll < 0.18 && !this.#profile.large) return { sql: `${left} CROSS JOIN ${source.sql}`, source };
    if (this.#profile.beyondPostgres && roll < 0.24) {
      const link = this.#link(leaves, other, true);
      if (link !== undefined) {
        return { sql: `${left} ${random.pick(["SEMI", "ANTI"])} JOIN ${source.sql} ON ${link}` };
      }
    }
    const kind = random.pick([
      "JOIN",
      "JOIN",
      "INNER JOIN",
      "LEFT JOIN",
      "LEFT JOIN",
      "RIGHT JOIN",
      "FULL JOIN",
    ]);
    const [only] = sources;
    if (roll < 0.34 && sources.length === 1 && only !== undefined) {
      const shared = only.columns.filter((column) =>
        column.family !== "json" &&
        source.columns.some(({ name, family }) => name === column.name && family === column.family)
      );
      if (shared.length > 0) {
        const using = random.pick(shared).name;
        // The merged column has no qualified name that means the same, so the rest goes by qualified names.
        return { sql: `${left} ${kind} ${source.sql} USING (${using})`, source };
      }
    }
    const link = this.#link(leaves, other, kind === "FULL JOIN" || this.#profile.large);
    const conditions = link === undefined ? [] : [link];
    if (kind !== "FULL JOIN" && (conditions.length === 0 || this.#chance(0.25))) {
      const writer = new ExpressionWriter(
        random,
        { leaves: [...leaves, ...other], outer: place.outer },
        this.#profile,
      );
      conditions.push(writer.write("boolean", 1));
    }
    if (conditions.length === 0) return { sql: `${left} LEFT JOIN ${source.sql} ON TRUE`, source };
    return { sql: `${left} ${kind} ${source.sql} ON ${conditions.join(" AND ")}`, source };
  }
}

function leavesOf(sources: readonly Source[]): Leaf[] {
  return sources.flatMap(({ alias, columns }) =>
    columns.map(({ name, family }) => ({ text: `${alias}.${name}`, family }))
  );
}

function totalOrder(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ order }) => order);
}

function shuffled<Item>(random: SeededRandom, items: readonly Item[]): Item[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
