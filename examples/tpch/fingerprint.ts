/**
 * Fingerprints of generated tables: rows, bytes and MD5 of the rows as dbgen writes them.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { ColumnBatch } from "../../src/storage/column_batch.ts";
import { RowFormatter } from "./row_text.ts";
import type { TpchTable } from "./tables.ts";

/** What a table comes to. */
export interface TableFingerprint {
  readonly rows: number;
  readonly bytes: number;
  readonly md5: string;
}

/** Takes the batches of one table and gives its fingerprint. */
export class FingerprintWriter {
  readonly #formatter: RowFormatter;
  readonly #hash = createHash("md5");
  #rows = 0;
  #bytes = 0;

  constructor(table: TpchTable) {
    this.#formatter = new RowFormatter(table, (bytes) => {
      this.#hash.update(bytes);
      this.#bytes += bytes.length;
    });
  }

  /** Adds the rows of a batch. */
  add(batch: ColumnBatch): void {
    this.#formatter.add(batch);
    this.#rows += batch.rowCount;
  }

  /** The fingerprint of all rows added. */
  finish(): TableFingerprint {
    this.#formatter.finish();
    return { rows: this.#rows, bytes: this.#bytes, md5: this.#hash.digest("hex") };
  }
}
