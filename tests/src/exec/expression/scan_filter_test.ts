import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../../src/base/random.ts";
import { conjunctsOf } from "../../../../src/exec/expression/predicate.ts";
import { compileScanFilter } from "../../../../src/exec/expression/scan_filter.ts";
import { FunctionRegistry } from "../../../../src/query/function_registry.ts";
import { BUILTIN_FUNCTIONS } from "../../../../src/query/functions/library.ts";
import type { Scalar } from "../../../../src/query/plan.ts";
import { Dictionary } from "../../../../src/storage/dictionary.ts";
import {
  BOOLEAN,
  DATE,
  type Datum,
  DOUBLE,
  INTEGER,
  type SqlType,
  TEXT,
} from "../../../../src/storage/sql_type.ts";
import type { SegmentView } from "../../../../src/storage/table_view.ts";
import { evaluateNaively } from "./naive_evaluation.ts";
import { randomDatums, storedSegment } from "./random_chunk.ts";
import { COLUMN_TYPES, ExpressionMaker } from "./random_expression.ts";

const REGISTRY = new FunctionRegistry(BUILTIN_FUNCTIONS);
const ENVIRONMENT = { parameters: [], functions: REGISTRY, nowMicros: 0, timeZone: "UTC", random: () => 0.5 };
const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 1);
const RUNS = Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

const TYPES = [...COLUMN_TYPES, TEXT];
const COLUMNS = TYPES.map((type, id) => ({
  id,
  name: `c${id}`,
  type,
  nullable: true,
  ordinal: TYPES.length - 1 - id,
}));

interface Stored {
  readonly segment: SegmentView;
  readonly rows: readonly (readonly Datum[])[];
  readonly deleted: ReadonlySet<number>;
}

function segmentOf(
  columns: readonly (readonly Datum[])[],
  types: readonly SqlType[],
  deleted: ReadonlySet<number>,
): SegmentView {
  const size = columns[0]!.length;
  const tombstones = new Uint32Array((size >>> 5) + 1);
  for (const row of deleted) tombstones[row >>> 5]! |= 1 << (row & 31);
  const dictionary = new Dictionary();
  // The last column of texts is UTF-8, the other one is coded.
  const stored = columns.map((values, id) =>
    storedSegment(types[id]!, values, types[id]!.kind === "text" && id < types.length - 1 ? dictionary : null)
  );
  return {
    slotCount: size,
    deletedCount: deleted.size,
    tombstones: deleted.size > 0 ? tombstones : null,
    column: (ordinal) => stored[stored.length - 1 - ordinal]!,
  };
}

function randomSegment(random: SeededRandom): Stored {
  const size = random.pick([1, 40, 200]);
  const columns = TYPES.map((type) => {
    const values = randomDatums(random, type, size);
    const sortable = type.kind === "integer" || type.kind === "date";
    return sortable && random.next() < 0.5 ? values.sort((a, b) => Number(a) - Number(b)) : values;
  });
  const deleted = new Set<number>();
  if (random.next() < 0.3) { for (let i = 0; i < size; i++) if (random.next() < 0.3) deleted.add(i); }
  const rows = Array.from({ length: size }, (_, i) => columns.map((column) => column[i]!));
  return { segment: segmentOf(columns, TYPES, deleted), rows, deleted };
}

function passes(conjuncts: readonly Scalar[], row: readonly Datum[]): boolean {
  return conjuncts.every((one) => evaluateNaively(one, row, ENVIRONMENT) === true);
}

function column(id: number): Scalar {
  return { kind: "column", id, name: `c${id}`, type: TYPES[id]! };
}

function call(name: string, ...args: Scalar[]): Scalar {
  return { kind: "call", name, type: BOOLEAN, arguments: args };
}

function literal(type: SqlType, value: Datum): Scalar {
  return { kind: "literal", type, value };
}

const INTEGER_ID = TYPES.indexOf(INTEGER);
const DATE_ID = TYPES.indexOf(DATE);

describe("compileScanFilter", () => {
  it(`gives the live rows for which its conjuncts are TRUE, from seed ${SEED}`, () => {
    let answered = 0;
    for (let run = 0; run < 600 * RUNS; run++) {
      const seed = SEED * 3_000_000 + run;
      const random = new SeededRandom(seed);
      const maker = new ExpressionMaker(random, REGISTRY, COLUMNS);
      const conjuncts = Array.from(
        { length: random.integer(1, 3) },
        () => maker.make(BOOLEAN, random.integer(1, 2)),
      );
      const filter = compileScanFilter(conjuncts, COLUMNS, ENVIRONMENT);
      const residual = new Set(filter.residual);
      const own = conjuncts.flatMap(conjunctsOf).filter((one) => !residual.has(one));
      answered += own.length;
      for (let part = 0; part < 2; part++) {
        const { segment, rows, deleted } = randomSegment(random);
        const from = random.integer(0, rows.length - 1);
        const to = random.integer(from, rows.length);
        const expected: number[] = [];
        for (let i = from; i < to; i++) if (!deleted.has(i) && passes(own, rows[i]!)) expected.push(i);
        const selection = new Int32Array(to - from);
        const count = filter.filter(segment, from, to, selection);
        const message = `seed ${seed}: ${
          JSON.stringify(own, (_, value) => typeof value === "bigint" ? String(value) : value)
        }`;
        assertEquals(Array.from(selection.subarray(0, count)), expected, message);
        const live = rows.filter((_, i) => !deleted.has(i));
        const verdict = filter.prune(segment);
        if (verdict === "none") assert(live.every((row) => !passes(own, row)), message);
        if (verdict === "all") assert(live.every((row) => passes(own, row)), message);
      }
    }
    assert(answered > 200 * RUNS, `only ${answered} conjuncts ran on segments`);
  });

  it("prunes by zone map when the range is outside of the segment", () => {
    const segment = segmentOf(TYPES.map((type) => [type.kind === "integer" ? 5 : null]), TYPES, new Set());
    const filterOf = (name: string, value: number) =>
      compileScanFilter([call(name, column(INTEGER_ID), literal(INTEGER, value))], COLUMNS, ENVIRONMENT);
    assertEquals(filterOf(">", 5).prune(segment), "none");
    assertEquals(filterOf(">=", 5).prune(segment), "all");
    assertEquals(filterOf("<>", 5).prune(segment), "none");
  });

  it("sees through casts that keep every value", () => {
    const widened: Scalar = {
      kind: "cast",
      type: DOUBLE,
      argument: column(INTEGER_ID),
      tolerant: false,
      explicit: false,
    };
    const timestamp: Scalar = {
      kind: "cast",
      type: { kind: "timestamp" },
      argument: column(DATE_ID),
      tolerant: false,
      explicit: false,
    };
    const noon = literal({ kind: "timestamp" }, 86_400_000_000 * 10.5);
    const filter = compileScanFilter([call("<", timestamp, noon)], COLUMNS, ENVIRONMENT);
    assertEquals(filter.residual.length, 0);
    const other = compileScanFilter([call("<", widened, literal(DOUBLE, 2.5))], COLUMNS, ENVIRONMENT);
    assertEquals(other.residual.length, 1);
  });

  it("leaves what may fail to the predicate", () => {
    const quotient: Scalar = {
      kind: "call",
      name: "/",
      type: INTEGER,
      arguments: [literal(INTEGER, 1), column(INTEGER_ID)],
    };
    const filter = compileScanFilter([call(">", quotient, literal(INTEGER, 0))], COLUMNS, ENVIRONMENT);
    assertEquals(filter.residual.length, 1);
  });

  it("finds nothing when a conjunct is FALSE or NULL", () => {
    const segment = segmentOf(TYPES.map(() => [null]), TYPES, new Set());
    const filter = compileScanFilter([literal(BOOLEAN, null)], COLUMNS, ENVIRONMENT);
    assertEquals(filter.prune(segment), "none");
  });
});
