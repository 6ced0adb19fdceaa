/**
 * The third part of the demo: five questions about three million real flights, read from a Parquet file.
 *
 * @module
 */
import { importFile } from "../../connectors/files/import_file.ts";
import { bytesText, durationText } from "../../connectors/shell/measure_text.ts";
import { ProgressBar } from "../../connectors/shell/progress_bar.ts";
import { tableText } from "../../connectors/shell/table_text.ts";
import type { Clock } from "../../src/base/clock.ts";
import { answerChecksum } from "./answer_checksum.ts";
import { FLIGHT_QUESTIONS } from "./flight_questions.ts";
import type { LiveDatabase } from "./live_view.ts";
import { INDENT, type Page } from "./page.ts";
import { vegaDataset } from "./vega_dataset.ts";

const FLIGHTS = 3_000_000;

/** Imports the flights and answers the questions. */
export async function answerFlights(db: LiveDatabase, page: Page, clock: Clock): Promise<void> {
  page.heading("Real data", "Flights within the United States in 2001, from a Parquet file");
  const { terminal, style } = page;
  const bar = new ProgressBar({ terminal, style, clock, label: "flights", indent: INDENT });
  await importFile(db, await vegaDataset("flights-3m.parquet"), {
    table: "flights",
    onProgress: ({ rows }) => bar.update(rows, FLIGHTS),
  });
  const size = db.memory().tables.find(({ name }) => name === "flights");
  bar.update(size?.rowCount ?? 0, FLIGHTS);
  bar.finish(`${bytesText(size?.bytes ?? 0)} in memory`);
  for (const { question, sql, checksum } of FLIGHT_QUESTIONS) {
    const startMs = clock.monotonic();
    const answer = await db.query(sql);
    const elapsedMs = clock.monotonic() - startMs;
    page.line();
    page.check(
      answerChecksum(answer.rows()) === checksum,
      `${style.bold(question)} ${style.dim(durationText(elapsedMs))}`,
    );
    page.text(tableText(answer, { style, indent: INDENT.repeat(2) }));
  }
}
