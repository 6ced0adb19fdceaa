/**
 * A small undo log in one flat array: what the history keeps of the many commits of a row or two.
 *
 * ```
 * steps   [ put+2, row, old value | remove, row | restore, row, old values ]    newest first
 * ```
 *
 * A log of its own is a dozen objects; kept for thousands of commits they would cost the collector more than the
 * commits themselves. O(changes) to pack and to walk.
 *
 * @module
 */
import { vectorDatum } from "./datum_vector.ts";
import { type DenseVector, gatherStored } from "./gather.ts";
import type { Datum } from "./sql_type.ts";
import type { Table } from "./table.ts";
import type { UndoLog, UndoMark, UndoTarget } from "./undo_log.ts";

const START: UndoMark = { opCount: 0, insertedCount: 0, deletedCount: 0, savedCounts: new Map() };
const REMOVE = 0;
const RESTORE = 1;
/** Plus the ordinal. */
const PUT = 2;

/** Takes back the changes of one commit, newest first. */
export interface PastChanges {
  /** `target` gets the values of deleted rows with `restore`. */
  walkBack(target: PastTarget): void;
}

/** An {@linkcode UndoTarget} that is told the values of restored rows. */
export interface PastTarget {
  remove(row: number): void;
  restore(row: number, values: readonly Datum[]): void;
  put(row: number, ordinal: number, value: Datum): void;
}

/** See the module header. */
export class PackedChanges implements PastChanges {
  readonly #steps: Datum[] = [];

  /** Packs `log` before the slots of deleted rows of `table` are used again. */
  constructor(table: Table, log: UndoLog) {
    const steps = this.#steps;
    log.walkBack(START, {
      remove: (row) => steps.push(REMOVE, row),
      restore: (row) => steps.push(RESTORE, row, table.row(row)),
      put: (row, ordinal, value) => steps.push(PUT + ordinal, row, value),
    });
  }

  walkBack(target: PastTarget): void {
    const steps = this.#steps;
    for (let at = 0; at < steps.length;) {
      const kind = Number(steps[at++]);
      const row = Number(steps[at++]);
      if (kind === REMOVE) target.remove(row);
      // What stands there was put there as a row.
      else if (kind === RESTORE) target.restore(row, steps[at++] as readonly Datum[]);
      else target.put(row, kind - PUT, steps[at++]);
    }
  }
}

/** A log as it is, with the values of its deleted rows as columns, which cost a fraction of rows to copy. */
export class LoggedChanges implements PastChanges {
  readonly #log: UndoLog;
  readonly #deletedCount: number;
  readonly #deleted: readonly DenseVector[];

  /** Copies deleted rows before their slots are used again. */
  constructor(table: Table, log: UndoLog) {
    const rows = log.deleted.view();
    this.#log = log;
    this.#deletedCount = rows.length;
    this.#deleted = rows.length === 0
      ? []
      : table.definition.columns.map((_, ordinal) =>
        gatherStored(table.storedColumn(ordinal), rows, rows.length)
      );
  }

  walkBack(target: PastTarget): void {
    let next = this.#deletedCount;
    const walked: UndoTarget = {
      remove: (row) => target.remove(row),
      restore: (row) => {
        next--;
        target.restore(row, this.#deleted.map((column) => vectorDatum(column, next)));
      },
      put: (row, ordinal, value) => target.put(row, ordinal, value),
    };
    this.#log.walkBack(START, walked);
  }
}
