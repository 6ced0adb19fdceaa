/**
 * The answers that the demo expects, against those of DuckDB.
 *
 * @module
 */
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import { DuckDBInstance } from "@duckdb/node-api";
import { answerChecksum } from "../../../examples/demo/answer_checksum.ts";
import { FLIGHT_QUESTIONS } from "../../../examples/demo/flight_questions.ts";
import { vegaDataset } from "../../../examples/demo/vega_dataset.ts";

describe("FLIGHT_QUESTIONS", () => {
  it("expect what DuckDB answers", async () => {
    const file = fileURLToPath(await vegaDataset("flights-3m.parquet"));
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    const connection = await instance.connect();
    await connection.run(`CREATE VIEW flights AS SELECT * FROM '${file.replaceAll("'", "''")}'`);
    for (const { question, sql, checksum } of FLIGHT_QUESTIONS) {
      const rows = (await connection.runAndReadAll(sql)).getRows();
      assertEquals(answerChecksum(rows), checksum, question);
    }
    connection.closeSync();
    instance.closeSync();
  });
});

describe("answerChecksum()", () => {
  it("depends on values and order, and writes dates by their day", () => {
    const rows = [["a", 1, null], ["b", 2n, new Date("2024-05-01")]];
    assertEquals(answerChecksum(rows), answerChecksum([["a", "1", "NULL"], ["b", "2", "2024-05-01"]]));
    assertEquals(answerChecksum(rows) === answerChecksum(rows.toReversed()), false);
  });
});
