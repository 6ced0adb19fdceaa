/**
 * The generated TPC-H data against the fingerprints of the reference data (10 MiB text pool), and the options
 * of the generator.
 *
 * @module
 */

import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { FingerprintWriter, type TableFingerprint } from "../../../examples/tpch/fingerprint.ts";
import { generateTpch, type TpchOptions } from "../../../examples/tpch/generate.ts";
import { rowsOfBatch, type TpchRow } from "../../../examples/tpch/batch_rows.ts";
import { TPCH_LAYOUT, TPCH_TABLES, tpchRowCounts, tpchSchema } from "../../../examples/tpch/tables.ts";
import { textPool } from "../../../examples/tpch/text_pool.ts";
import { QueryError } from "../../../src/base/error.ts";

type Fingerprints = Readonly<Record<string, TableFingerprint>>;

const FIXED: Fingerprints = {
  region: { rows: 5, bytes: 384, md5: "57b787b578e230d4594d37a45a0c5b5a" },
  nation: { rows: 25, bytes: 2199, md5: "2c9ea20b9259378a252322aae3a54c48" },
};

const HUNDREDTH: Fingerprints = {
  ...FIXED,
  supplier: { rows: 100, bytes: 13695, md5: "eed15975884d09ed5139fb8f987ae391" },
  customer: { rows: 1500, bytes: 239490, md5: "258ea5c9992f1c4c81bb72245bf5e0ae" },
  part: { rows: 2000, bytes: 235134, md5: "5a3383da00aadfb0d7aaef36ec7a78e0" },
  partsupp: { rows: 8000, bytes: 1153705, md5: "14e409bfe4d89f4fec29f8201e604903" },
  orders: { rows: 15000, bytes: 1644137, md5: "90c79b0a99d812d66661c808abb24e6a" },
  lineitem: { rows: 60175, bytes: 7384600, md5: "c2f932298b40f89fb0df63e14f128060" },
};

const TENTH: Fingerprints = {
  ...FIXED,
  supplier: { rows: 1000, bytes: 138625, md5: "2deae436502406a00a652dff915a808c" },
  customer: { rows: 15000, bytes: 2411114, md5: "b1ab2b09009b3fa0859bd685a1162a91" },
  part: { rows: 20000, bytes: 2371090, md5: "6cf08634d6fc5c441077210e5ffcd299" },
  partsupp: { rows: 80000, bytes: 11648193, md5: "acf7acfd0e65e780ee82e590d785585e" },
  orders: { rows: 150000, bytes: 16743122, md5: "63801dfcb39f7e1c4da54a42267c1f63" },
  lineitem: { rows: 600572, bytes: 75448140, md5: "6dc37081f54324fa85b6c720049f2895" },
};

function fingerprints(options: TpchOptions): Record<string, TableFingerprint> {
  const writers = new Map<string, FingerprintWriter>();
  for (const { table, batch } of generateTpch(options)) {
    const writer = writers.get(table) ?? new FingerprintWriter(table);
    writers.set(table, writer);
    writer.add(batch);
  }
  return Object.fromEntries([...writers].map(([table, writer]) => [table, writer.finish()]));
}

function rows(options: TpchOptions): TpchRow[] {
  return [...generateTpch(options)].flatMap(({ table, batch }) => rowsOfBatch(table, batch));
}

describe("generateTpch", () => {
  it("gives the reference data at scale factor 0.01", () => {
    assertEquals(fingerprints({ scaleFactor: 0.01 }), { ...HUNDREDTH });
  });

  it("gives the reference data at scale factor 0.1", () => {
    assertEquals(fingerprints({ scaleFactor: 0.1 }), { ...TENTH });
  });

  it("gives the same rows in batches of any size", () => {
    assertEquals(fingerprints({ scaleFactor: 0.01, batchRows: 7 * 11 }), { ...HUNDREDTH });
  });

  it("keeps to the size of a batch and counts rows up to the total", () => {
    const totals = new Map<string, number>();
    for (
      const { table, batch, rowsDone, rowsTotal } of generateTpch({ scaleFactor: 0.01, batchRows: 1000 })
    ) {
      assert(batch.rowCount <= 1000);
      const done = (totals.get(table) ?? 0) + batch.rowCount;
      totals.set(table, done);
      assertEquals(rowsDone, done);
      assertEquals(rowsTotal, HUNDREDTH[table]!.rows);
    }
    assertEquals([...totals.keys()], [...TPCH_TABLES]);
    for (const [table, done] of totals) assertEquals(done, HUNDREDTH[table]!.rows);
  });

  it("puts the line items right behind their orders", () => {
    const batches = [...generateTpch({ scaleFactor: 0.01, tables: ["orders", "lineitem"], batchRows: 700 })];
    for (let i = 0; i < batches.length; i += 2) {
      const orders = rowsOfBatch("orders", batches[i]!.batch).map((row) => row.o_orderkey);
      const lines = rowsOfBatch("lineitem", batches[i + 1]!.batch).map((row) => row.l_orderkey);
      assertEquals([...new Set(lines)], orders);
    }
  });

  it("leaves out tables that are not wanted", () => {
    const { partsupp } = HUNDREDTH;
    assertEquals(fingerprints({ scaleFactor: 0.01, tables: ["partsupp"] }), { partsupp: partsupp! });
  });

  it("names all columns of the layout, in its order", () => {
    for (const { table, batch } of generateTpch({ scaleFactor: 0.01 })) {
      assertEquals(Object.keys(batch.columns), TPCH_LAYOUT[table].columns.map((column) => column.name));
    }
  });

  it("moves all dates by the same number of days", () => {
    const tables = ["orders", "lineitem"] as const;
    const dates = ["o_orderdate", "l_shipdate", "l_commitdate", "l_receiptdate"];
    // The last possible order date is 1998-08-02, which is day 10440; 2026-01-01 is day 20454.
    const day = (text: number | string): number => Date.parse(`${text}T00:00:00Z`) / 86_400_000;
    const moved = rows({ scaleFactor: 0.01, tables, shiftDatesTo: 20_454 });
    const fixed = rows({ scaleFactor: 0.01, tables });
    assertEquals(moved.length, fixed.length);
    let last = "";
    moved.forEach((row, i) => {
      const expected = Object.entries(fixed[i]!).map(([name, value]) =>
        dates.includes(name) ? day(value) + 10_014 : value
      );
      assertEquals(
        Object.entries(row).map(([name, value]) => dates.includes(name) ? day(value) : value),
        expected,
      );
      if (String(row.o_orderdate ?? "") > last) last = String(row.o_orderdate);
    });
    assertEquals(last, "2026-01-01");
  });

  it("refuses what gives no valid data", () => {
    const drain = (options: TpchOptions): void => void generateTpch(options).next();
    assertThrows(() => drain({ scaleFactor: 0 }), QueryError, "Scale factor 0 is out of range");
    assertThrows(() => drain({ scaleFactor: NaN }), QueryError, "out of range");
    assertThrows(() => drain({ scaleFactor: 0.015 }), QueryError, "a supplier twice");
    assertThrows(() => drain({ scaleFactor: 1, batchRows: 3 }), QueryError, "Batches of 3 rows");
    assertThrows(() => drain({ scaleFactor: 1, textPoolBytes: 10 }), QueryError, "Text pool of 10 bytes");
    assertThrows(
      () => [...generateTpch({ scaleFactor: 0.01, tables: ["orders"], shiftDatesTo: 0.5 })],
      QueryError,
    );
  });
});

describe("textPool", () => {
  it("is the beginning of every larger pool", () => {
    const small = textPool(100_000).slice();
    assertEquals(textPool(200_000).slice(0, 100_000), small);
  });
});

describe("the schema", () => {
  it("has keys and references", () => {
    assertEquals(
      tpchSchema("nation"),
      `CREATE TABLE nation (
  n_nationkey INTEGER NOT NULL,
  n_name CHAR(25) NOT NULL,
  n_regionkey INTEGER NOT NULL REFERENCES region (r_regionkey),
  n_comment VARCHAR(152) NOT NULL,
  PRIMARY KEY (n_nationkey)
)`,
    );
    assert(tpchSchema("lineitem").includes("PRIMARY KEY (l_orderkey, l_linenumber)"));
  });

  it("counts rows", () => {
    assertEquals(tpchRowCounts(1), {
      region: 5,
      nation: 25,
      supplier: 10_000,
      customer: 150_000,
      part: 200_000,
      partsupp: 800_000,
      orders: 1_500_000,
    });
  });
});
