/**
 * A table with a column of every physical form, NULLs in each, as SQL for any engine.
 *
 * @module
 */
import { SeededRandom } from "../../../src/base/random.ts";

/** More than a chunk, so that loops begin anew. */
const ROWS = 2600;

interface PhysicalColumn {
  readonly name: string;
  readonly type: string;
  /** Two constants of its type, the lesser first, as SQL. */
  readonly bounds: readonly [string, string];
  readonly value: (random: SeededRandom) => string;
}

const whole = (from: number, to: number) => (random: SeededRandom): string =>
  String(random.integer(from, to));
const pad = (value: number, size = 2): string => String(value).padStart(size, "0");

/** The columns but for `id`, which counts from 1. */
export const PHYSICAL_COLUMNS: readonly PhysicalColumn[] = [
  { name: "u8", type: "SMALLINT", bounds: ["40", "90"], value: whole(0, 120) },
  { name: "i8", type: "SMALLINT", bounds: ["-20", "50"], value: whole(-100, 100) },
  { name: "u16", type: "INTEGER", bounds: ["300", "40000"], value: whole(0, 60_000) },
  { name: "i16", type: "INTEGER", bounds: ["-3000", "20000"], value: whole(-30_000, 30_000) },
  { name: "i32", type: "INTEGER", bounds: ["-1000000", "900000000"], value: whole(-2e9, 2e9) },
  { name: "f53", type: "BIGINT", bounds: ["-5", "3000000000000"], value: whole(-8e15, 8e15) },
  {
    name: "big",
    type: "BIGINT",
    bounds: ["-4000000000000000000", "9000000000000000"],
    value: (random) => `${random.integer(-8, 8)}${pad(random.integer(0, 999_999_999), 18)}`,
  },
  {
    name: "dec",
    type: "DECIMAL(12,2)",
    bounds: ["-10.5", "77.25"],
    value: (random) => `${random.integer(-200, 200)}.${pad(random.integer(0, 99))}`,
  },
  {
    name: "wide",
    type: "DECIMAL(30,4)",
    bounds: ["-1", "100000000000000000.5"],
    value: (random) => `${random.integer(-9e8, 9e8)}${pad(random.integer(0, 999_999_999), 10)}.0625`,
  },
  {
    name: "num",
    type: "NUMERIC",
    bounds: ["-2.5", "31.125"],
    value: (random) => `${random.integer(-50, 50)}.${random.pick(["5", "25", "125", "0", "000001"])}`,
  },
  {
    name: "dbl",
    type: "DOUBLE PRECISION",
    bounds: ["-0.5", "12.75"],
    value: (random) =>
      random.next() < 0.03
        ? random.pick(["'NaN'", "'Infinity'", "'-Infinity'", "-0.0"])
        : String(random.integer(-400, 400) / 8),
  },
  {
    name: "rl",
    type: "REAL",
    bounds: ["-0.5", "12.75"],
    value: (random) => String(random.integer(-99, 99) / 4),
  },
  {
    name: "flag",
    type: "BOOLEAN",
    bounds: ["false", "true"],
    value: (random) => String(random.next() < 0.4),
  },
  {
    name: "day",
    type: "DATE",
    bounds: ["DATE '2023-06-01'", "DATE '2024-02-29'"],
    value: (random) =>
      `'20${random.integer(22, 25)}-${pad(random.integer(1, 12))}-${pad(random.integer(1, 28))}'`,
  },
  {
    name: "ts",
    type: "TIMESTAMP",
    bounds: ["TIMESTAMP '2023-06-01 12:00'", "TIMESTAMP '2024-02-29 00:00:00.5'"],
    value: (random) =>
      `'2023-${pad(random.integer(1, 12))}-15 ${pad(random.integer(0, 23))}:30:00.${random.integer(0, 9)}'`,
  },
  {
    name: "tod",
    type: "TIME",
    bounds: ["TIME '06:00'", "TIME '18:30:00'"],
    value: (random) => `'${pad(random.integer(0, 23))}:${pad(random.integer(0, 59))}:00'`,
  },
  {
    name: "code",
    type: "TEXT",
    bounds: ["'beech'", "'oak'"],
    value: (random) => `'${random.pick(["ash", "beech", "elm", "oak", "yew", "", "Zelkova"])}'`,
  },
  {
    name: "name",
    type: "TEXT",
    bounds: ["'name 3'", "'name 7'"],
    value: (random) => `'name ${random.integer(0, 1e9)}${random.pick(["", " é", " 𝒳"])}'`,
  },
];

/** CREATE TABLE and INSERT, the same for every call. */
export function physicalTableSql(): string {
  const random = new SeededRandom(20);
  const columns = PHYSICAL_COLUMNS.map(({ name, type }) => `${name} ${type}`).join(", ");
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const values = PHYSICAL_COLUMNS.map(({ value }) => random.next() < 0.08 ? "NULL" : value(random));
    return `(${i + 1}, ${values.join(", ")})`;
  });
  const inserts = [];
  for (let from = 0; from < rows.length; from += 650) {
    inserts.push(`INSERT INTO p VALUES ${rows.slice(from, from + 650).join(",\n")};`);
  }
  return `CREATE TABLE p (id INTEGER PRIMARY KEY, ${columns});\n${inserts.join("\n")}`;
}
