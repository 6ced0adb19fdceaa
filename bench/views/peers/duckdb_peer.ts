/**
 * DuckDB in the views bench: it has no maintained views, so each batch is applied and the query is run again.
 *
 * Batches go in by data chunks, single changes by prepared statements. The query is not prepared: its plan would
 * keep the statistics of that moment and give wrong answers once keys grow past them. The table has no key,
 * because an index costs DuckDB more than the scan it saves.
 *
 * @module
 */
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  type DuckDBType,
  type DuckDBValue,
} from "@duckdb/node-api";
import { option } from "../../measurement.ts";
import { type ChangeBatch, type OrderRow, type StartRows, VIEW_BENCH_DDL } from "../change_script.ts";
import { runPeer, type ViewPeer } from "../run_workload.ts";
import type { Answer, Workload } from "../workload.ts";

const CHUNK_ROWS = 2_048;
const MILLISECONDS_PER_DAY = 86_400_000;
const DELETE = "DELETE FROM orders WHERE o_orderkey = $1";
const INSERT = "INSERT INTO orders VALUES ($1, $2, $3, $4, $5)";
const UPDATE = `UPDATE orders SET o_custkey = $2, o_orderstatus = $3, o_totalprice = $4, o_orderdate = $5
  WHERE o_orderkey = $1`;

const threads = option("threads", "1");

class DuckDbPeer implements ViewPeer {
  #connection: DuckDBConnection | undefined;
  #statements: {
    insert: DuckDBPreparedStatement;
    update: DuckDBPreparedStatement;
    delete: DuckDBPreparedStatement;
  } | undefined;
  #sql = "";
  #types: readonly DuckDBType[] = [];

  async start(workload: Workload, rows: StartRows): Promise<void> {
    const instance = await DuckDBInstance.create(":memory:", { threads });
    const connection = await instance.connect();
    this.#connection = connection;
    for (const ddl of VIEW_BENCH_DDL) await connection.run(ddl.replaceAll(" PRIMARY KEY", ""));
    await connection.run("CREATE TABLE gone (o_orderkey BIGINT)");
    await this.#append("nation", rows.nations.map((row) => [row.n_nationkey, row.n_name]));
    await this.#append(
      "customer",
      rows.customers.map((row) => [row.c_custkey, row.c_nationkey, row.c_mktsegment]),
    );
    await this.#append("orders", rows.orders.map(valuesOf));
    const views = workload.views.slice(0, -1);
    for (const { name, sql } of views) await connection.run(`CREATE VIEW ${name} AS ${sql}`);
    this.#statements = {
      insert: await connection.prepare(INSERT),
      update: await connection.prepare(UPDATE),
      delete: await connection.prepare(DELETE),
    };
    this.#types = (await connection.run("SELECT * FROM orders LIMIT 0")).columnTypes();
    this.#sql = workload.views.at(-1)!.sql;
  }

  async apply({ inserts, updates, deletes }: ChangeBatch): Promise<void> {
    const connection = this.#connection!;
    if (inserts.length + updates.length + deletes.length === 1) {
      if (inserts.length > 0) await this.#run("insert", valuesOf(inserts[0]!));
      else if (updates.length > 0) await this.#run("update", valuesOf(updates[0]!.after));
      else await this.#run("delete", [BigInt(deletes[0]!.o_orderkey)]);
    } else {
      await connection.run("BEGIN");
      await this.#append(
        "gone",
        [...deletes, ...updates.map((update) => update.before)].map((row) => [BigInt(row.o_orderkey)]),
      );
      await connection.run("DELETE FROM orders WHERE o_orderkey IN (SELECT o_orderkey FROM gone)");
      await this.#append("orders", [...inserts, ...updates.map((update) => update.after)].map(valuesOf));
      await connection.run("DELETE FROM gone; COMMIT");
    }
    await connection.runAndReadAll(this.#sql);
  }

  async answer(): Promise<Answer> {
    return (await this.#connection!.runAndReadAll(this.#sql)).getRowsJS();
  }

  close(): Promise<void> {
    this.#connection?.closeSync();
    return Promise.resolve();
  }

  async #run(kind: "insert" | "update" | "delete", values: readonly DuckDBValue[]): Promise<void> {
    const statement = this.#statements![kind];
    if (kind === "delete") statement.bind([...values]);
    else statement.bind([...values], [...this.#types]);
    await statement.run();
  }

  async #append(table: string, rows: readonly (readonly DuckDBValue[])[]): Promise<void> {
    const appender: DuckDBAppender = await this.#connection!.createAppender(table);
    const types = Array.from({ length: appender.columnCount }, (_, i) => appender.columnType(i));
    for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
      const part = rows.slice(from, from + CHUNK_ROWS);
      const chunk = DuckDBDataChunk.create(types, part.length);
      types.forEach((_, column) => chunk.setColumnValues(column, part.map((row) => row[column]!)));
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }
}

function valuesOf(row: OrderRow): DuckDBValue[] {
  return [
    BigInt(row.o_orderkey),
    row.o_custkey,
    row.o_orderstatus,
    new DuckDBDecimalValue(BigInt(Math.round(row.o_totalprice * 100)), 15, 2),
    new DuckDBDateValue(Date.parse(row.o_orderdate) / MILLISECONDS_PER_DAY),
  ];
}

await runPeer(`duckdb_${threads}`, new DuckDbPeer());
