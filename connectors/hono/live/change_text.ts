/**
 * Changes as JSON text, in parts of bounded size; a change that many subscribers get is written once.
 *
 * ```
 * {"version":7,"columns":[...],"rows":[[...],...],"final":false}      a snapshot, in parts: the first has the columns
 * {"version":7,"rows":[[...]],"final":true}
 * {"version":8,"inserted":[[...]],"deleted":[[...]],"final":true}     a delta
 * ```
 *
 * Texts of deltas are kept as long as the change object itself lives; those of snapshots, which have one reader,
 * are written part by part as the reader takes them.
 *
 * @module
 */
import type { Change } from "../../../src/kernel/hooks.ts";
import type { ResultColumn } from "../../../src/kernel/query_result.ts";
import { type RowWriter, rowWriter } from "./row_text.ts";

/** One part of a change, as an event carries it. */
export interface ChangePart {
  readonly event: "snapshot" | "delta";
  readonly version: number;
  /** Whether the change is complete with it: only then the reader is at `version`. */
  readonly final: boolean;
  /** A JSON object. */
  readonly json: string;
}

/** See the module header. */
export class ChangeTexts {
  readonly #charactersMax: number;
  readonly #deltas = new WeakMap<Change, readonly ChangePart[]>();
  readonly #writers = new WeakMap<readonly ResultColumn[], RowWriter>();

  /** No part has many more than `charactersMax` characters, unless one row has. */
  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax;
  }

  /** The parts of a change, in order. */
  parts(change: Change): Iterable<ChangePart> {
    if (change.snapshot) return this.#snapshotParts(change);
    let parts = this.#deltas.get(change);
    if (parts === undefined) this.#deltas.set(change, parts = this.#deltaParts(change));
    return parts;
  }

  /** What tells a reader that begins without a snapshot where it is, and the columns of what will come. */
  begin(version: number, columns: readonly ResultColumn[]): ChangePart {
    const json = `{"version":${version},"columns":${
      columnsText(columns)
    },"inserted":[],"deleted":[],"final":true}`;
    return { event: "delta", version, final: true, json };
  }

  *#snapshotParts({ version, columns, rows }: Change): Generator<ChangePart, void, undefined> {
    const write = this.#writerOf(columns);
    let head = `{"version":${version},"columns":${columnsText(columns)},"rows":[`;
    let text = "";
    const part = (final: boolean): ChangePart => ({
      event: "snapshot",
      version,
      final,
      json: `${head}${text}],"final":${final}}`,
    });
    for (const { row, weight } of rows) {
      const one = write(row);
      for (let i = 0; i < weight; i++) {
        if (text.length > 0 && text.length + one.length > this.#charactersMax) {
          yield part(false);
          head = `{"version":${version},"rows":[`;
          text = "";
        }
        text += text === "" ? one : `,${one}`;
      }
    }
    yield part(true);
  }

  #deltaParts({ version, columns, rows }: Change): readonly ChangePart[] {
    const write = this.#writerOf(columns);
    const parts: ChangePart[] = [];
    const texts = { inserted: "", deleted: "" };
    const finish = (final: boolean): void => {
      const json =
        `{"version":${version},"inserted":[${texts.inserted}],"deleted":[${texts.deleted}],"final":${final}}`;
      parts.push({ event: "delta", version, final, json });
      texts.inserted = texts.deleted = "";
    };
    for (const { row, weight } of rows) {
      const one = write(row);
      const list = weight > 0 ? "inserted" : "deleted";
      for (let i = Math.abs(weight); i > 0; i--) {
        const length = texts.inserted.length + texts.deleted.length;
        if (length > 0 && length + one.length > this.#charactersMax) finish(false);
        texts[list] += texts[list] === "" ? one : `,${one}`;
      }
    }
    finish(true);
    return parts;
  }

  #writerOf(columns: readonly ResultColumn[]): RowWriter {
    let writer = this.#writers.get(columns);
    if (writer === undefined) this.#writers.set(columns, writer = rowWriter(columns));
    return writer;
  }
}

/** Names and types, as JSON. */
export function columnsText(columns: readonly ResultColumn[]): string {
  return JSON.stringify(columns.map(({ name, type, nullable }) => ({ name, type, nullable })));
}
