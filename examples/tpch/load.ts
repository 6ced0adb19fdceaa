/**
 * Loading TPC-H into a database, with a progress bar.
 *
 * @module
 */
import type { Clock } from "../../src/base/clock.ts";
import { ProgressBar } from "../../connectors/shell/progress_bar.ts";
import type { Terminal, TerminalStyle } from "../../connectors/shell/terminal_style.ts";
import type { Database } from "../../src/kernel/database.ts";
import type { Plugin } from "../../src/kernel/plugin.ts";
import { generateTpch, type TpchOptions } from "./generate.ts";
import { countLines } from "./order_keys.ts";
import { TPCH_TABLES, tpchRowCounts, tpchSchema, type TpchTable } from "./tables.ts";

/** A database of any plugins. */
export type AnyDatabase = Pick<Database<readonly Plugin[]>, "exec" | "query" | "insert" | "memory">;

/** What is loaded and where progress goes. */
export interface LoadOptions {
  readonly data: TpchOptions;
  readonly terminal: Terminal;
  readonly style: TerminalStyle;
  readonly clock: Clock;
  readonly indent?: string;
}

/** What loading took. */
export interface LoadReport {
  readonly rowCount: number;
  readonly elapsedMs: number;
  /** The part of it that making the data took. */
  readonly generateMs: number;
}

/** Creates the tables and fills them. */
export async function loadTpch(db: AnyDatabase, options: LoadOptions): Promise<LoadReport> {
  const { data, clock, terminal, style, indent } = options;
  const tables = TPCH_TABLES.filter((table) => data.tables === undefined || data.tables.includes(table));
  for (const table of tables) await db.exec(schemaAmong(table, tables));
  const total = rowsIn(tables, data.scaleFactor);
  const bar = new ProgressBar({
    terminal,
    style,
    clock,
    label: "load",
    ...(indent === undefined ? {} : { indent }),
  });
  let rowCount = 0;
  let generateMs = 0;
  const batches = generateTpch(data);
  for (;;) {
    const startMs = clock.monotonic();
    const next = batches.next();
    generateMs += clock.monotonic() - startMs;
    if (next.done === true) break;
    const { table, batch } = next.value;
    await db.insert(table, batch);
    rowCount += batch.rowCount;
    bar.update(rowCount, total, table);
  }
  return { rowCount, elapsedMs: bar.finish(), generateMs };
}

/** The CREATE TABLE statement, without references to tables that are left out. */
function schemaAmong(table: TpchTable, tables: readonly TpchTable[]): string {
  return tpchSchema(table).replace(
    / REFERENCES (\w+) \(\w+\)/g,
    (text, referenced: string) => tables.some((name) => name === referenced) ? text : "",
  );
}

function rowsIn(tables: readonly TpchTable[], scaleFactor: number): number {
  const counts = tpchRowCounts(scaleFactor);
  return tables.reduce(
    (sum, table) => sum + (table === "lineitem" ? countLines(counts.orders) : counts[table]),
    0,
  );
}
