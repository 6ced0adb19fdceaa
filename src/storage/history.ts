/**
 * The last commits of a store, kept to roll tables back: what AT VERSION reads.
 *
 * ```
 * order ─►  v7 orders   v8 orders   v8 items   v9 orders          oldest first, over all tables
 *           undo log    undo log    undo log   undo log           + the values of rows that were deleted
 * ```
 *
 * A commit leaves its undo log behind (undo_log.ts): rows that came as ranges, overwritten values, and deleted rows,
 * whose values are copied, since their slots are used again. So an insert of any size costs a few words. Beyond
 * `bytesMax` the oldest commits go, and with them the versions before. O(rows deleted) to append, O(1) otherwise.
 *
 * @module
 */
import { LoggedChanges, PackedChanges, type PastChanges } from "./packed_changes.ts";
import type { Table } from "./table.ts";
import type { UndoLog } from "./undo_log.ts";

/** What one commit did to one table. */
export interface PastCommit {
  readonly version: number;
  readonly changes: PastChanges;
}

interface StoredCommit extends PastCommit {
  readonly owner: TableHistory;
  readonly bytes: number;
}

interface TableHistory {
  /** The oldest version that the table can be rolled back to. */
  floor: number;
  /** Oldest first; those before `head` are gone. */
  commits: StoredCommit[];
  head: number;
}

const COMMIT_BYTES = 256;
const ROW_BYTES = 64;
const VALUE_BYTES = 16;
const PACKED_CHANGES_MAX = 32;

/** See the module header. */
export class History {
  readonly #bytesMax: number;
  readonly #tables = new Map<Table, TableHistory>();
  #order: StoredCommit[] = [];
  #head = 0;
  #bytes = 0;

  /** Keeps commits that take up to `bytesMax` bytes, roughly. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes of the commits that are kept, roughly. */
  get byteLength(): number {
    return this.#bytes;
  }

  /** The table exists from `version` on, or cannot be rolled back beyond it: it has other columns or keys since. */
  begin(table: Table, version: number): void {
    this.end(table);
    this.#tables.set(table, { floor: version, commits: [], head: 0 });
  }

  /** Forgets a table. */
  end(table: Table): void {
    const history = this.#tables.get(table);
    if (history === undefined) return;
    this.#tables.delete(table);
    for (const { bytes } of kept(history)) this.#bytes -= bytes;
    this.#order = this.#order.slice(this.#head).filter(({ owner }) => owner !== history);
    this.#head = 0;
  }

  /** Takes in a commit, before the slots of deleted rows are used again. Whether it keeps the log itself. */
  append(table: Table, log: UndoLog, version: number): boolean {
    const owner = this.#tables.get(table);
    if (owner === undefined) return false;
    const rowBytes = ROW_BYTES + table.definition.columns.length * VALUE_BYTES;
    const bytes = COMMIT_BYTES + log.byteLength + log.deleted.count * rowBytes;
    if (bytes > this.#bytesMax) {
      this.begin(table, version);
      return false;
    }
    const isSmall = log.changeCount <= PACKED_CHANGES_MAX;
    const changes = isSmall ? new PackedChanges(table, log) : new LoggedChanges(table, log);
    const commit = { version, changes, owner, bytes };
    owner.commits.push(commit);
    this.#order.push(commit);
    this.#bytes += bytes;
    this.#enforceLimit();
    return !isSmall;
  }

  /** The oldest version that `table` can be rolled back to. */
  floorOf(table: Table): number {
    return this.#tables.get(table)?.floor ?? Infinity;
  }

  /** The commits to `table` after `version`, newest first. */
  since(table: Table, version: number): readonly PastCommit[] {
    const history = this.#tables.get(table);
    if (history === undefined) return [];
    return kept(history).filter((commit) => commit.version > version).reverse();
  }

  #enforceLimit(): void {
    while (this.#bytes > this.#bytesMax && this.#head < this.#order.length) {
      const { owner, version, bytes } = this.#order[this.#head++]!;
      this.#bytes -= bytes;
      owner.floor = version;
      owner.head++;
      if (owner.head * 2 > owner.commits.length) {
        owner.commits = kept(owner);
        owner.head = 0;
      }
    }
    // Moving windows: to shift at every commit would be quadratic.
    if (this.#head * 2 <= this.#order.length) return;
    this.#order = this.#order.slice(this.#head);
    this.#head = 0;
  }
}

function kept({ commits, head }: TableHistory): StoredCommit[] {
  return commits.slice(head);
}
