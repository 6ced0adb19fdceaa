/**
 * Small undo logs in one flat array: what the history keeps of the many commits of a row or two.
 *
 * ```
 * commits [ version 7, at 0              | version 8, at 5                  ]
 * steps   [ put+2, row, old value | remove, row | restore, row, old values  ]    newest first in each commit
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

/** Takes back the changes of one commit or of several in a row, newest first. */
export interface PastChanges {
  /** Those of versions after `version`; `target` gets the values of deleted rows with `restore`. */
  walkBack(target: PastTarget, version: number): void;
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
  /** Of each commit: its version, and where its steps begin. */
  readonly #commits: number[] = [];

  /** Commits in it. */
  get commitCount(): number {
    return this.#commits.length / 2;
  }

  /** Packs `log` before the slots of deleted rows of `table` are used again. */
  add(table: Table, log: UndoLog, version: number): void {
    this.#commits.push(version, this.#steps.length);
    packer.table = table;
    packer.steps = this.#steps;
    log.walkBack(START, packer);
  }

  walkBack(target: PastTarget, version: number): void {
    let end = this.#steps.length;
    for (let i = this.#commits.length - 2; i >= 0 && this.#commits[i] > version; i -= 2) {
      this.#walk(target, this.#commits[i + 1], end);
      end = this.#commits[i + 1];
    }
  }

  #walk(target: PastTarget, start: number, end: number): void {
    const steps = this.#steps;
    for (let at = start; at < end;) {
      const kind = Number(steps[at++]);
      const row = Number(steps[at++]);
      if (kind === REMOVE) target.remove(row);
      // What stands there was put there as a row.
      else if (kind === RESTORE) target.restore(row, steps[at++] as readonly Datum[]);
      else target.put(row, kind - PUT, steps[at++]);
    }
  }
}

/** Writes the steps of a log. */
class Packer implements UndoTarget {
  table: Table | undefined;
  steps: Datum[] = [];

  remove(row: number): void {
    this.steps.push(REMOVE, row);
  }

  restore(row: number): void {
    this.steps.push(RESTORE, row, this.table!.row(row));
  }

  put(row: number, ordinal: number, value: Datum): void {
    this.steps.push(PUT + ordinal, row, value);
  }
}

const packer = new Packer();

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
