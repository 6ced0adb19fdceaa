/**
 * Random histories of writes as SQL text: INSERT, UPDATE, DELETE, MERGE and ON CONFLICT, in and out of
 * transactions and savepoints, many of which break a constraint.
 *
 * A history is a tree, so that a shrinker can drop a transaction as a whole. Statements that PostgreSQL judges by
 * the physical order of its rows are left out: no statement exchanges the keys of two rows.
 *
 * @module
 */
import type { SeededRandom } from "../../src/base/random.ts";

/** A statement, or a transaction or savepoint with what happens in it. */
export type HistoryStep = string | {
  readonly block: "transaction" | "savepoint";
  readonly steps: readonly HistoryStep[];
  readonly keep: boolean;
};

/** The tables of every history. Without foreign keys, which are checked on demand here and always in PostgreSQL. */
export const HISTORY_TABLES = `
  CREATE TABLE stock (id INTEGER PRIMARY KEY, code TEXT UNIQUE, qty INTEGER NOT NULL DEFAULT 7,
    price DECIMAL(8,2) CHECK (price >= 0), day DATE);
  CREATE TABLE move (stock_id INTEGER, delta BIGINT, note VARCHAR(4));
  CREATE TABLE feed (k INTEGER, v INTEGER, t TEXT);
  INSERT INTO stock VALUES (1, 'a', 1, 1.5, DATE '2024-01-01'), (2, 'b', 2, NULL, NULL), (3, NULL, 3, 0, NULL);
  INSERT INTO move VALUES (1, 5, 'x'), (1, -5, NULL), (NULL, 2147483648, 'long');
  INSERT INTO feed VALUES (1, 10, 'a'), (2, 20, 'n'), (5, NULL, NULL), (5, 50, 'e');`;

/** What shows the state of all tables. */
export const HISTORY_VIEWS: readonly string[] = [
  "SELECT id, code, qty, price, day FROM stock",
  "SELECT stock_id, delta, note FROM move",
  "SELECT k, v, t FROM feed",
];

type Writer = (random: SeededRandom) => string;

const id: Writer = (random) => String(random.integer(0, 7));
const code: Writer = (random) => random.pick(["'a'", "'b'", "'c'", "'d'", "'é'", "''", "NULL"]);
const qty: Writer = (random) => random.pick(["0", "1", "-3", "2147483647", "DEFAULT", "NULL", "4 / 2", "9"]);
const price: Writer = (random) => random.pick(["0", "1.25", "2.345", "NULL", "-1", "999999.99", "1000000"]);
const day: Writer = (random) =>
  random.pick(["NULL", "DATE '2024-02-29'", "'2023-12-31'", "CAST('x' AS DATE)"]);
const note: Writer = (random) => random.pick(["'x'", "NULL", "'abcd'", "'abcde'", "'ab    '"]);

/** A condition on a row of stock. */
const onStock: Writer = (random) =>
  random.pick<Writer>([
    (r) => `id = ${id(r)}`,
    (r) => `id IN (${id(r)}, ${id(r)})`,
    (r) => `code = ${code(r)}`,
    (r) => `qty ${r.pick(["<", ">=", "<>"])} ${r.integer(-3, 9)}`,
    () => "price IS NULL",
    (r) => `10 / qty > ${r.integer(0, 3)}`,
    () => "EXISTS (SELECT 1 FROM move WHERE stock_id = stock.id)",
    () => "id NOT IN (SELECT k FROM feed WHERE k IS NOT NULL)",
    (r) => `(SELECT sum(v) FROM feed WHERE k = stock.id) > ${r.integer(0, 30)}`,
    () => "day > DATE '2024-01-01' OR day IS NULL",
  ])(random);

const setStock: Writer = (random) =>
  random.pick<Writer>([
    (r) => `qty = qty ${r.pick(["+", "*", "-"])} ${r.integer(0, 3)}`,
    (r) => `qty = ${qty(r)}, code = ${code(r)}`,
    (r) => `price = price / ${r.integer(0, 3)}`,
    (r) => `price = ${price(r)}, day = ${day(r)}`,
    () => "code = code || code",
    () => "qty = (SELECT max(v) FROM feed WHERE k = stock.id)",
    () => "(qty, price) = (qty + 1, price * 2)",
    () => "id = id + 100",
    () => "day = day + 1, qty = DEFAULT",
  ])(random);

const returning: Writer = (random) =>
  random.next() < 0.4 ? ` RETURNING ${random.pick(["*", "id", "id, qty + 1 AS next", "code || '!'"])}` : "";

const conflict: Writer = (random) =>
  random.pick<Writer>([
    () => "",
    () => "",
    () => " ON CONFLICT DO NOTHING",
    () => " ON CONFLICT (id) DO NOTHING",
    () => " ON CONFLICT (id) DO UPDATE SET qty = stock.qty + excluded.qty",
    () => " ON CONFLICT (code) DO UPDATE SET price = excluded.price, qty = excluded.qty",
    (r) => ` ON CONFLICT (id) DO UPDATE SET code = excluded.code WHERE stock.qty > ${r.integer(0, 4)}`,
  ])(random);

const stockRow: Writer = (r) => `(${id(r)}, ${code(r)}, ${qty(r)}, ${price(r)}, ${day(r)})`;

/** Conditions come first: PostgreSQL refuses a clause behind one of its kind that always holds. */
const CONDITIONAL_CLAUSES: readonly string[] = [
  "",
  "WHEN MATCHED AND feed.v > 15 THEN DELETE",
  "WHEN MATCHED AND stock.qty > 1 THEN UPDATE SET code = feed.t, qty = stock.qty + 1",
  "WHEN NOT MATCHED AND feed.v IS NOT NULL THEN INSERT (id, qty) VALUES (feed.k, feed.v)",
  "WHEN NOT MATCHED AND feed.t = 'n' THEN DO NOTHING",
];
const MATCHED_CLAUSES: readonly string[] = [
  "",
  "WHEN MATCHED THEN UPDATE SET qty = feed.v",
  "WHEN MATCHED THEN DELETE",
  "WHEN MATCHED THEN DO NOTHING",
];
const UNMATCHED_CLAUSES: readonly string[] = [
  "WHEN NOT MATCHED THEN INSERT (id, code, qty) VALUES (feed.k, feed.t, feed.v)",
  "WHEN NOT MATCHED THEN DO NOTHING",
];

const match: Writer = (random) =>
  [CONDITIONAL_CLAUSES, MATCHED_CLAUSES, UNMATCHED_CLAUSES].map((clauses) => random.pick(clauses)).join(" ");

const STATEMENTS: readonly Writer[] = [
  (r) => `INSERT INTO stock VALUES ${stockRow(r)}${conflict(r)}${returning(r)}`,
  (r) => `INSERT INTO stock VALUES ${stockRow(r)}, ${stockRow(r)}${conflict(r)}${returning(r)}`,
  (r) => `INSERT INTO stock (id, code) VALUES (${id(r)}, ${code(r)})${conflict(r)}${returning(r)}`,
  (r) =>
    `INSERT INTO stock (id, qty, code) SELECT k, v, t FROM feed WHERE v > ${r.integer(0, 40)}${conflict(r)}`,
  (r) => `INSERT INTO feed SELECT id, qty, code FROM stock WHERE ${onStock(r)}`,
  (r) => `INSERT INTO feed VALUES (${id(r)}, ${r.integer(-5, 60)}, ${code(r)}) RETURNING *`,
  (r) => `INSERT INTO move VALUES (${id(r)}, ${r.integer(-9, 9)}, ${note(r)})`,
  (r) => `UPDATE stock SET ${setStock(r)} WHERE ${onStock(r)}${returning(r)}`,
  (r) => `UPDATE stock SET ${setStock(r)} WHERE ${onStock(r)}${returning(r)}`,
  (r) => `UPDATE stock SET ${setStock(r)}${returning(r)}`,
  (r) =>
    `UPDATE stock AS s SET qty = s.qty + f.v FROM feed AS f WHERE f.k = s.id AND f.v > ${r.integer(15, 40)}`,
  (r) => `UPDATE move SET delta = delta * 3, note = ${note(r)} WHERE delta > ${r.integer(-9, 5)}`,
  (r) => `UPDATE feed SET v = NULLIF(v, ${r.integer(1, 50)}), t = upper(t) WHERE k > ${id(r)}`,
  (r) => `DELETE FROM stock WHERE ${onStock(r)}${returning(r)}`,
  (r) => `DELETE FROM stock USING feed WHERE feed.k = stock.id AND feed.t = ${code(r)}`,
  (r) => `DELETE FROM move WHERE stock_id = ${id(r)} RETURNING *`,
  (r) => `DELETE FROM feed WHERE k IN (SELECT id FROM stock WHERE ${onStock(r)})`,
  (r) => `MERGE INTO stock USING feed ON stock.id = feed.k ${match(r)}`,
  (r) =>
    `MERGE INTO stock USING (SELECT k, max(v) AS v, max(t) AS t FROM feed GROUP BY k) AS feed ` +
    `ON stock.id = feed.k ${match(r)}`,
  (r) =>
    `WITH gone AS (DELETE FROM move WHERE delta < ${r.integer(-9, 9)} RETURNING stock_id) ` +
    `INSERT INTO feed (k) SELECT stock_id FROM gone`,
];

/** One random statement. */
export function randomWrite(random: SeededRandom): string {
  return random.pick(STATEMENTS)(random);
}

/** A random history of about `length` statements. */
export function randomHistory(random: SeededRandom, length: number): readonly HistoryStep[] {
  const steps: HistoryStep[] = [];
  while (steps.length < length) {
    steps.push(random.next() < 0.2 ? randomBlock(random, "transaction") : randomWrite(random));
  }
  return steps;
}

function randomBlock(random: SeededRandom, block: "transaction" | "savepoint"): HistoryStep {
  const steps = Array.from(
    { length: random.integer(1, 4) },
    () => random.next() < 0.2 ? randomBlock(random, "savepoint") : randomWrite(random),
  );
  return { block, steps, keep: random.next() < 0.6 };
}
