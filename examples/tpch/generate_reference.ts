/**
 * The two fixed tables: regions and nations.
 *
 * Source: TPC Benchmark H, standard specification, revision 3.0.1, clause 4.2.3.
 *
 * @module
 */

import type { ColumnBatch } from "../../src/storage/column_batch.ts";
import { codes, lengthRange, numbers, TextWriter } from "./batch_writer.ts";
import { NATION_REGIONS, NATIONS, REGIONS } from "./distributions.ts";
import { startStreams, STREAM } from "./random_stream.ts";

const COMMENT = lengthRange(72);

/** All regions. */
export function generateRegions(pool: Uint8Array): ColumnBatch {
  return {
    rowCount: REGIONS.length,
    columns: {
      r_regionkey: numbers(Int32Array.from(REGIONS.keys()), REGIONS.length),
      r_name: codes(Uint8Array.from(REGIONS.keys()), REGIONS, REGIONS.length),
      r_comment: comments(pool, STREAM.regionComment, REGIONS.length).finish(),
    },
  };
}

/** All nations. */
export function generateNations(pool: Uint8Array): ColumnBatch {
  return {
    rowCount: NATIONS.length,
    columns: {
      n_nationkey: numbers(Int32Array.from(NATIONS.keys()), NATIONS.length),
      n_name: codes(Uint8Array.from(NATIONS.keys()), NATIONS, NATIONS.length),
      n_regionkey: numbers(Int32Array.from(NATION_REGIONS), NATIONS.length),
      n_comment: comments(pool, STREAM.nationComment, NATIONS.length).finish(),
    },
  };
}

function comments(pool: Uint8Array, stream: number, rows: number): TextWriter {
  const streams = startStreams();
  const writer = new TextWriter(rows, COMMENT.longest);
  for (let row = 0; row < rows; row++) {
    writer.addText(pool, streams, stream, COMMENT);
    writer.endRow();
  }
  return writer;
}
