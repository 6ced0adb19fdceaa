/**
 * Expressions and filters of the batch executor over 1,000,000 rows, so that a millisecond a run is a
 * nanosecond a row. Prints a checksum of every result.
 *
 * `deno run -A --no-check bench/kernels_bench.ts [--tiny]`
 *
 * @module
 */
import process from "node:process";
import { bench, run, summary } from "mitata";
import { SeededRandom } from "../src/base/random.ts";
import { compileScalar } from "../src/exec/expression/compile.ts";
import type { EvaluationEnvironment } from "../src/exec/expression/environment.ts";
import { compilePredicate } from "../src/exec/expression/predicate.ts";
import { compileScanFilter } from "../src/exec/expression/scan_filter.ts";
import { FunctionRegistry } from "../src/query/function_registry.ts";
import { BUILTIN_FUNCTIONS } from "../src/query/functions/library.ts";
import type { Scalar } from "../src/query/plan.ts";
import { Dictionary } from "../src/storage/dictionary.ts";
import {
  BIGINT,
  BOOLEAN,
  DATE,
  type Datum,
  decimalType,
  INTEGER,
  type SqlType,
  TEXT,
} from "../src/storage/sql_type.ts";
import { SEGMENT_ROWS, type SegmentColumn, type SegmentView } from "../src/storage/table_view.ts";
import { type Chunk, CHUNK_ROWS, type Vector } from "../src/storage/vector.ts";

const ROWS = process.argv.includes("--tiny") ? 10_000 : 1_000_000;
const random = new SeededRandom(42);
const registry = new FunctionRegistry(BUILTIN_FUNCTIONS);
const environment: EvaluationEnvironment = {
  parameters: [],
  functions: registry,
  nowMicros: 0,
  timeZone: "UTC",
  random: () => random.next(),
};

const PRICE = decimalType(15, 2);
const MODES = ["AIR", "FOB", "MAIL", "RAIL", "REG AIR", "SHIP", "TRUCK"];
const WORDS = ["special", "requests", "furiously", "deposits", "sleep", "quickly", "ironic", "accounts"];

interface BenchColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly make: (row: number) => number | string;
  readonly segment: (values: (number | string)[]) => SegmentColumn;
}

const dictionary = new Dictionary();
const NUMBERS = { nulls: null, zone: { min: -1e9, max: 1e9, nullCount: 0, monotone: false } };

function numbers<Values extends SegmentColumn & { kind: "numbers" }>(
  from: (values: number[]) => Values["values"],
): (values: (number | string)[]) => SegmentColumn {
  return (values) => ({ kind: "numbers", values: from(values.map(Number)), ...NUMBERS });
}

function utf8(values: (number | string)[]): SegmentColumn {
  const encoder = new TextEncoder();
  const texts = values.map((value) => encoder.encode(String(value)));
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + text.length, 0));
  const starts = new Uint32Array(texts.length);
  const ends = new Uint32Array(texts.length);
  let at = 0;
  texts.forEach((text, i) => {
    bytes.set(text, starts[i] = at);
    ends[i] = at += text.length;
  });
  return { kind: "utf8", bytes, starts, ends, ascii: true, ...NUMBERS };
}

const COLUMNS: readonly BenchColumn[] = [
  {
    name: "price",
    type: PRICE,
    make: () => random.integer(90_000, 10_000_000),
    segment: numbers((v) => Int32Array.from(v)),
  },
  {
    name: "discount",
    type: PRICE,
    make: () => random.integer(0, 10),
    segment: numbers((v) => Uint8Array.from(v)),
  },
  { name: "tax", type: PRICE, make: () => random.integer(0, 8), segment: numbers((v) => Uint8Array.from(v)) },
  {
    name: "quantity",
    type: PRICE,
    make: () => random.integer(1, 50) * 100,
    segment: numbers((v) => Int16Array.from(v)),
  },
  {
    name: "day",
    type: DATE,
    make: () => random.integer(8036, 10561),
    segment: numbers((v) => Int16Array.from(v)),
  },
  { name: "key", type: BIGINT, make: (row) => row, segment: numbers((v) => Int32Array.from(v)) },
  {
    name: "mode",
    type: TEXT,
    make: () => random.pick(MODES),
    segment: (values) => ({
      kind: "codes",
      values: Uint8Array.from(values, (text) => dictionary.encode(String(text))),
      dictionary,
      ...NUMBERS,
    }),
  },
  {
    name: "comment",
    type: TEXT,
    make: () => Array.from({ length: 6 }, () => random.pick(WORDS)).join(" "),
    segment: utf8,
  },
  {
    name: "number",
    type: INTEGER,
    make: () => random.integer(0, 1000),
    segment: numbers((v) => Int32Array.from(v)),
  },
];
const INPUT = COLUMNS.map(({ name, type }, id) => ({ id, name, type, nullable: false, ordinal: id }));

const segments: SegmentView[] = [];
for (let from = 0; from < ROWS; from += SEGMENT_ROWS) {
  const size = Math.min(SEGMENT_ROWS, ROWS - from);
  const stored = COLUMNS.map((one) =>
    one.segment(Array.from({ length: size }, (_, i) => one.make(from + i)))
  );
  segments.push({
    slotCount: size,
    deletedCount: 0,
    tombstones: null,
    column: (ordinal) => stored[ordinal]!,
  });
}
const sources = COLUMNS.map(({ type }, id) => ({
  type,
  segments: segments.map((segment) => segment.column(id)),
}));

/** Chunks of lazy columns. */
function lazyChunks(rowOf: (i: number) => number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let from = 0; from < ROWS; from += CHUNK_ROWS) {
    const size = Math.min(CHUNK_ROWS, ROWS - from);
    const rows = Int32Array.from({ length: size }, (_, i) => rowOf(from + i));
    chunks.push({ size, columns: sources.map((source): Vector => ({ kind: "lazy", rows, source })) });
  }
  return chunks;
}

const scanned = lazyChunks((i) => i);
const scattered = lazyChunks(() => random.integer(0, ROWS - 1));
/** Chunks with all values at hand, few enough to stay in the cache as those of a pipeline do. */
const distinct = scanned.slice(0, 16).map((chunk): Chunk => ({
  size: chunk.size,
  columns: INPUT.map((column) => {
    if (column.type.kind === "text") return chunk.columns[column.id]!;
    return copyOf(compileScalar(negatedTwice(column.id), INPUT, environment).evaluate(chunk));
  }),
}));
const dense = scanned.map((_, i) => distinct[i % distinct.length]!);

function copyOf(vector: Vector): Vector {
  return vector.kind === "i32" || vector.kind === "f64"
    ? { ...vector, values: vector.values.slice() } as Vector
    : vector;
}

function negatedTwice(id: number): Scalar {
  const one = column(id);
  if (one.type.kind === "date") return call("+", [one, literal(INTEGER, 0)]);
  return call("negate", [call("negate", [one])]);
}

function column(id: number | string): Scalar {
  const found = INPUT.find((one) => one.id === id || one.name === id)!;
  return { kind: "column", id: found.id, name: found.name, type: found.type };
}

function literal(type: SqlType, value: Datum): Scalar {
  return { kind: "literal", type, value };
}

function call(name: string, args: readonly Scalar[]): Scalar {
  const { resultType } = registry.resolveScalar(name, args.map((one) => one.type));
  return { kind: "call", name, type: resultType, arguments: args };
}

function checksum(vector: Vector, size: number): number {
  if (vector.kind !== "i32" && vector.kind !== "f64" && vector.kind !== "bool") return size;
  return vector.values[size - 1]! + vector.values[0]!;
}

function benchScalar(name: string, scalar: Scalar, chunks: readonly Chunk[]): void {
  const evaluator = compileScalar(scalar, INPUT, environment);
  const work = (): number => {
    let sum = 0;
    for (const chunk of chunks) sum += checksum(evaluator.evaluate(chunk), chunk.size);
    return sum;
  };
  console.log(`checksum ${name}: ${work()}`);
  bench(name, work);
}

function benchPredicate(name: string, scalar: Scalar, chunks: readonly Chunk[]): void {
  const predicate = compilePredicate(scalar, INPUT, environment);
  const selection = new Int32Array(CHUNK_ROWS);
  const work = (): number => {
    let sum = 0;
    for (const chunk of chunks) sum += predicate.select(chunk, selection);
    return sum;
  };
  console.log(`checksum ${name}: ${work()}`);
  bench(name, work);
}

function benchScan(name: string, conjuncts: readonly Scalar[]): void {
  const filter = compileScanFilter(conjuncts, INPUT, environment);
  const selection = new Int32Array(CHUNK_ROWS);
  const work = (): number => {
    let sum = 0;
    for (const segment of segments) {
      for (let from = 0; from < segment.slotCount; from += CHUNK_ROWS) {
        sum += filter.filter(segment, from, from + CHUNK_ROWS, selection);
      }
    }
    return sum;
  };
  console.log(`checksum ${name} (${filter.residual.length} residual): ${work()}`);
  bench(name, work);
}

const between = (name: string, type: SqlType, low: number, high: number): Scalar[] => [
  call(">=", [column(name), literal(type, low)]),
  call("<=", [column(name), literal(type, high)]),
];
const and = (args: readonly Scalar[]): Scalar => ({ kind: "and", type: BOOLEAN, arguments: args });
const discounted = call("*", [column("price"), call("-", [literal(INTEGER, 1), column("discount")])]);
const charged = call("*", [discounted, call("+", [literal(INTEGER, 1), column("tax")])]);

summary(() => {
  benchScan("scan: day range (Int16)", between("day", DATE, 8766, 9130));
  benchScan("scan: price range (Int32)", between("price", PRICE, 100_000, 5_000_000));
  benchScan("scan: TPC-H Q6", [
    ...between("day", DATE, 8766, 9130),
    ...between("discount", PRICE, 5, 7),
    call("<", [column("quantity"), literal(INTEGER, 24)]),
  ]);
  benchScan("scan: mode IN (codes)", [
    {
      kind: "inList",
      type: BOOLEAN,
      argument: column("mode"),
      items: ["AIR", "MAIL"].map((one) => literal(TEXT, one)),
    },
  ]);
  benchScan("scan: comment LIKE %special%requests% (UTF-8)", [
    call("not like", [column("comment"), literal(TEXT, "%special%requests%")]),
  ]);
});
summary(() => {
  benchScalar("gather: price, scanned", call("+", [column("price"), literal(PRICE, 0)]), scanned);
  benchScalar("gather: price, scattered", call("+", [column("price"), literal(PRICE, 0)]), scattered);
  benchScalar("dense: price + 0", call("+", [column("price"), literal(PRICE, 0)]), dense);
  benchScalar("dense: p * (1 - d)", discounted, dense);
  benchScalar("dense: p * (1 - d) * (1 + t)", charged, dense);
  benchScalar("lazy: p * (1 - d) * (1 + t)", charged, scanned);
  benchScalar("dense: number + number", call("+", [column("number"), column("number")]), dense);
  benchScalar("dense: number % 7", call("%", [column("number"), literal(INTEGER, 7)]), dense);
  benchScalar("dense: key / 1000", call("/", [column("key"), literal(BIGINT, 1000)]), dense);
  benchScalar(
    "dense: price / quantity (NUMERIC)",
    call("/", [column("price"), column("quantity")]),
    dense.slice(0, 10),
  );
});
summary(() => {
  benchPredicate("predicate: day range", and(between("day", DATE, 8766, 9130)), dense);
  benchPredicate("predicate: price < key", call("<", [column("price"), column("key")]), dense);
  benchPredicate("predicate: mode LIKE R%", call("like", [column("mode"), literal(TEXT, "R%")]), scanned);
  benchScalar("memo: date_part of day", call("date_part", [literal(TEXT, "year"), column("day")]), dense);
  benchScalar("memo: upper(mode)", call("upper", [column("mode")]), scanned);
  benchScalar("case: mode = AIR then p * (1 - d) else 0", {
    kind: "case",
    type: discounted.type,
    branches: [{ when: call("=", [column("mode"), literal(TEXT, "AIR")]), then: discounted }],
    otherwise: literal(discounted.type, 0),
  }, dense);
});

await run({ format: process.argv.includes("--tiny") ? "quiet" : "mitata" });
