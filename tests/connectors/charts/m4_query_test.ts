import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import type { ChartCatalog } from "../../../connectors/charts/chart_kind.ts";
import { m4 } from "../../../connectors/charts/downsample.ts";
import { m4Pipeline } from "../../../connectors/charts/m4_query.ts";
import { QueryPipeline } from "../../../connectors/charts/query_pipeline.ts";
import { createDatabase } from "../../../mod.ts";
import { DOUBLE, TEXT, TIMESTAMP } from "../../../src/storage/sql_type.ts";
import { wireRows } from "./chart_database.ts";
import { randomFrom } from "./random_number.ts";

const CATALOG: ChartCatalog = {
  columns: (name) =>
    name === "t"
      ? [{ name: "at", type: TIMESTAMP }, { name: "v", type: DOUBLE }, { name: "k", type: TEXT }]
      : undefined,
  relationNames: () => ["t"],
  timeZone: "UTC",
};

describe("m4Pipeline()", () => {
  it("keeps the points that m4() keeps", async () => {
    const random = randomFrom("m4Pipeline");
    // Times and values differ all, so there is only one answer.
    const points = Array.from(
      { length: 600 },
      (_, i) => ({ at: i * 1000 + Math.floor(random() * 900), v: random() * 100 }),
    );
    await using db = createDatabase();
    await db.exec("CREATE TABLE t (at TIMESTAMP, v DOUBLE PRECISION, k TEXT)");
    const rows = ["a", "b"].flatMap((k) =>
      points.map(({ at, v }) => ({ at: new Date(at).toISOString(), v: k === "a" ? v : 100 - v, k }))
    );
    await db.insert("t", [...rows, { at: null, v: 1, k: "a" }, { at: rows[0]!.at, v: null, k: "b" }]);
    const query = m4Pipeline(QueryPipeline.from("t", CATALOG, ""), {
      x: "at",
      y: "v",
      series: "k",
      columnCount: 23,
    });
    const found = wireRows(await db.query(query.build()));
    for (const k of ["a", "b"]) {
      const part = rows.filter((row) => row.k === k);
      const kept = m4(part.map(({ at }) => Date.parse(at)), part.map(({ v }) => v), 23);
      assertEquals(
        found.filter((row) => row["k"] === k).map((row) => [Date.parse(String(row["at"])), row["v"]]),
        kept.map((i) => [Date.parse(part[i]!.at), part[i]!.v]),
      );
    }
  });
});
