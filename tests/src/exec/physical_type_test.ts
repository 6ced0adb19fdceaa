/** Every physical form of a column through every kind of operator, against PostgreSQL. */
import { after, before, describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { PGlite } from "@electric-sql/pglite";
import { createDatabase, type Database } from "../../../src/kernel/database.ts";
import { PHYSICAL_COLUMNS, physicalTableSql } from "./physical_table.ts";

const OPERATORS = ["=", "<>", "<", "<=", ">", ">="];

/** One row for each condition: how many rows it keeps, and which. */
function counts(conditions: readonly string[]): string {
  return conditions.map((condition, i) =>
    `SELECT ${i} AS i, count(*)::text, sum(id)::text FROM p WHERE ${condition}`
  )
    .join("\nUNION ALL ") + "\nORDER BY 1";
}

const isNumber = (type: string): boolean => !/BOOLEAN|DATE|TIME|TEXT/.test(type);
const isDouble = (type: string): boolean => /DOUBLE|REAL/.test(type);

describe("every physical form of a column", () => {
  let postgres: PGlite;
  let db: Database;
  before(async () => {
    const sql = physicalTableSql();
    postgres = new PGlite();
    db = createDatabase();
    await Promise.all([postgres.exec(sql), db.exec(sql)]);
  });
  after(async () => {
    await postgres.close();
    await db.close();
  });

  async function agree(sql: string): Promise<void> {
    const expected = await postgres.query(sql, [], { rowMode: "array" });
    assertEquals((await db.query(sql)).rows(), expected.rows);
  }

  for (const { name, type, bounds: [low, high] } of PHYSICAL_COLUMNS) {
    // PostgreSQL's own order of text depends on the locale.
    const key = type === "TEXT" ? `${name} COLLATE "C"` : name;

    it(`${name}: filters by a constant, alone and after another filter`, async () => {
      const conditions = OPERATORS.flatMap((
        operator,
      ) => [`${key} ${operator} ${low}`, `${high} ${operator} ${key}`]);
      const twice = conditions.flatMap((one) => [`id > 200 AND ${one}`, `${one} AND u16 <> 7 AND id < 2000`]);
      await agree(counts([...conditions, ...twice, ...conditions.map((one) => `NOT (${one})`)]));
    });

    it(`${name}: filters by a list, a range, NULL and another column`, async () => {
      const other =
        { u8: "i8", i8: "u8", u16: "i16", i16: "i32", i32: "i16", f53: "big", big: "f53" }[name] ?? name;
      await agree(counts([
        `${name} IN (${low}, ${high})`,
        `${name} NOT IN (${low}, ${high})`,
        `id < 900 AND ${name} IN (${low}, ${high}, NULL)`,
        `id < 900 AND ${name} IN (SELECT ${name} FROM p WHERE id > 2000)`,
        `${key} BETWEEN ${low} AND ${high}`,
        `id > 100 AND ${key} BETWEEN ${low} AND ${high} AND ${name} <> ${low}`,
        `${name} IS NULL`,
        `id > 9 AND ${name} IS NOT NULL`,
        `${name} = ${other}`,
        `${name} < ${other} OR ${name} IS NOT DISTINCT FROM ${low}`,
      ]));
    });

    it(`${name}: sorts, keeps the first rows, ties included`, async () => {
      await agree(`SELECT id, ${name}::text FROM p ORDER BY ${key}, id LIMIT 40 OFFSET 3`);
      await agree(`SELECT id, ${name}::text FROM p WHERE id > 30 ORDER BY ${key} DESC, id DESC LIMIT 300`);
      await agree(`SELECT id FROM p ORDER BY ${key} NULLS FIRST, code COLLATE "C" DESC, id LIMIT 250`);
      await agree(`SELECT id, ${name}::text FROM p ORDER BY ${key} DESC NULLS LAST, id`);
      await agree(
        `SELECT count(*)::text, sum(id)::text FROM (SELECT id FROM p ORDER BY ${key} FETCH FIRST 70 ROWS WITH TIES) q`,
      );
    });

    it(`${name}: groups, joins and removes duplicates`, async () => {
      await agree(
        `SELECT ${name}::text AS k, count(*)::text, min(id) FROM p GROUP BY ${name} ORDER BY 3 LIMIT 50`,
      );
      await agree(`SELECT count(*)::text FROM (SELECT DISTINCT ${name} FROM p) q`);
      await agree(
        `SELECT count(*)::text, sum(a.id)::text FROM p a JOIN p b ON a.${name} = b.${name} AND b.id < 60`,
      );
      await agree(
        `SELECT count(b.id)::text, sum(a.id)::text FROM p a LEFT JOIN p b ON a.${name} = b.${name} AND b.id % 90 = 0`,
      );
      await agree(
        `SELECT count(*)::text FROM p a WHERE EXISTS (SELECT 1 FROM p b WHERE b.${name} = a.${name} AND b.id < a.id)`,
      );
    });

    it(`${name}: aggregates`, async () => {
      const items = [`count(${name})`, `count(DISTINCT ${name})`];
      if (type !== "BOOLEAN") items.push(`min(${key})`, `max(${key})`);
      else items.push("bool_and(flag)", "bool_or(flag)");
      if (type !== "BOOLEAN") items.push(`percentile_disc(0.3) WITHIN GROUP (ORDER BY ${key})`);
      if (isNumber(type) && !isDouble(type)) items.push(`sum(${name})`, `round(avg(${name}), 6)`);
      if (["u8", "i16", "i32", "dbl"].includes(name)) {
        const finite = name === "dbl" ? "CASE WHEN dbl BETWEEN -99 AND 99 THEN dbl END" : name;
        items.push(`percentile_cont(0.75) WITHIN GROUP (ORDER BY ${finite})`);
      }
      const shown = items.map((item) => `(${item})::text`).join(", ");
      await agree(`SELECT ${shown} FROM p`);
      await agree(`SELECT id % 7 AS g, ${shown} FROM p GROUP BY 1 ORDER BY 1`);
      await agree(`SELECT id % 400 AS g, ${shown} FROM p WHERE u8 > 20 GROUP BY 1 ORDER BY 1`);
      await agree(`SELECT id, any_value(${name})::text FROM p WHERE id < 30 GROUP BY id ORDER BY id`);
    });

    it(`${name}: windows`, async () => {
      await agree(
        `SELECT id, (lag(${name}, 2) OVER w)::text, (last_value(${name}) OVER w)::text,
           (rank() OVER (ORDER BY ${key}))::text
         FROM p WHERE id < 300 WINDOW w AS (PARTITION BY code ORDER BY id) ORDER BY id`,
      );
    });
  }
});
