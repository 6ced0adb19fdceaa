/**
 * How a text column is stored, for all its segments at once: as codes of a shared dictionary while values
 * repeat, as UTF-8 once they do not.
 *
 * A dictionary pays while each entry stands for several rows. The column leaves it when more than half of at
 * least 4,096 rows are distinct, or when there are more than 65,536 entries and more than a sixteenth of the
 * rows are distinct. It does not come back by itself.
 *
 * @module
 */
import { Dictionary } from "./dictionary.ts";

/** Rows before diversity is judged. */
export const TEXT_SAMPLE_ROWS = 4096;
const DICTIONARY_SIZE_FREE = 65536;

/** The text representation of a column. */
export class TextDomain {
  #dictionary: Dictionary | undefined = new Dictionary();

  /** The dictionary, while the column has one. */
  get dictionary(): Dictionary | undefined {
    return this.#dictionary;
  }

  /** Whether `rowCount` rows are too diverse for the dictionary. */
  isTooDiverse(rowCount: number): boolean {
    const size = this.#dictionary?.size ?? 0;
    if (size * 2 > rowCount && rowCount >= TEXT_SAMPLE_ROWS) return true;
    return size > DICTIONARY_SIZE_FREE && size * 16 > rowCount;
  }

  /** Gives up the dictionary: new segments are UTF-8. */
  leaveDictionary(): void {
    this.#dictionary = undefined;
  }

  /** Starts anew with `dictionary`, after the segments were recoded. */
  replaceDictionary(dictionary: Dictionary): void {
    this.#dictionary = dictionary;
  }
}
