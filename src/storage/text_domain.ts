/**
 * How a text column is stored, for all its segments at once: as codes of a shared dictionary while values
 * repeat, as UTF-8 once they do not.
 *
 * A dictionary pays while each entry stands for several rows. The column leaves it when more than half of at
 * least 4,096 rows are distinct, or when there are more than 65,536 entries and more than a sixteenth of the
 * rows are distinct. Entries whose rows are gone do not count: the dictionary is then made anew. Judging is O(1);
 * making anew and leaving are O(rows).
 *
 * @module
 */
import { toUtf8Column } from "./column_factory.ts";
import { CodeColumn } from "./code_column.ts";
import { Dictionary } from "./dictionary.ts";
import type { MemoryAccount } from "./memory_account.ts";
import type { Segment } from "./segment.ts";
import type { SegmentList } from "./segment_list.ts";
import type { SqlType } from "./sql_type.ts";

/** Rows before diversity is judged. */
export const TEXT_SAMPLE_ROWS = 4096;
const DICTIONARY_SIZE_FREE = 65536;

/** The text representation of a column. */
export class TextDomain {
  #dictionary: Dictionary | undefined = new Dictionary();

  /** A domain for columns of `type`, `undefined` when it is not text. */
  static of(type: SqlType): TextDomain | undefined {
    return type.kind === "text" || type.kind === "json" ? new TextDomain() : undefined;
  }

  /** The dictionary, while the column has one. */
  get dictionary(): Dictionary | undefined {
    return this.#dictionary;
  }

  /** Bytes of the dictionary. */
  get byteLength(): number {
    return this.#dictionary?.memoryBytes ?? 0;
  }

  /** Whether `rowCount` rows are too diverse for the dictionary. */
  isTooDiverse(rowCount: number): boolean {
    return this.#dictionary !== undefined && isTooDiverse(this.#dictionary.size, rowCount);
  }

  /**
   * Rewrites the column as UTF-8. `filling` is a segment that is being appended to, of which `filled` slots are
   * written so far.
   */
  leaveDictionary(
    segments: SegmentList,
    ordinal: number,
    account: MemoryAccount,
    filling?: { readonly segment: Segment; readonly filled: number },
  ): void {
    account.add(-this.byteLength);
    this.#dictionary = undefined;
    for (let index = 0; index < segments.all.length; index++) {
      const segment = segments.writable(index);
      const old = segment.columns[ordinal];
      if (old.kind !== "codes") continue;
      const slots = segment === filling?.segment ? filling.filled : segment.slotCount;
      segments.replaceColumn(segment, ordinal, toUtf8Column(old, slots, account, segments.epoch));
    }
  }

  /** Drops dictionary entries without rows when they are the greater part, else leaves the dictionary. */
  reconsider(segments: SegmentList, ordinal: number, account: MemoryAccount, rowCount: number): void {
    const old = this.#dictionary;
    if (old === undefined) return;
    const live = liveCodes(segments.all, ordinal, old.size);
    if (live.count * 2 > old.size || isTooDiverse(live.count, rowCount)) {
      this.leaveDictionary(segments, ordinal, account);
      return;
    }
    const dictionary = new Dictionary();
    const codes = new Int32Array(old.size);
    for (let code = 0; code < old.size; code++) {
      // The slot of a deleted row may keep a code that is gone; it reads as some other text.
      codes[code] = live.used[code] === 1 ? dictionary.encode(old.strings[code]) : 0;
    }
    this.#dictionary = dictionary;
    account.add(dictionary.memoryBytes - old.memoryBytes);
    for (let index = 0; index < segments.all.length; index++) {
      const segment = segments.writable(index);
      const column = segment.columns[ordinal];
      if (!(column instanceof CodeColumn)) continue;
      segments.replaceColumn(
        segment,
        ordinal,
        column.recode(dictionary, codes, segment.slotCount, segments.epoch),
      );
    }
  }
}

function isTooDiverse(size: number, rowCount: number): boolean {
  if (size * 2 > rowCount && rowCount >= TEXT_SAMPLE_ROWS) return true;
  return size > DICTIONARY_SIZE_FREE && size * 16 > rowCount;
}

function liveCodes(
  segments: readonly Segment[],
  ordinal: number,
  size: number,
): { readonly used: Uint8Array; readonly count: number } {
  const used = new Uint8Array(size);
  let count = 0;
  for (const segment of segments) {
    const column = segment.columns[ordinal];
    if (column.kind !== "codes") continue;
    for (let offset = 0; offset < segment.slotCount; offset++) {
      const code = column.values[offset];
      if (used[code] === 1 || segment.isDeleted(offset) || column.get(offset) === null) continue;
      used[code] = 1;
      count++;
    }
  }
  return { used, count };
}
