/**
 * The last commits of a store, kept to roll tables back: what AT VERSION reads.
 *
 * ```
 * order ─►  v7 orders   v8 orders   v8 items   v9 orders          oldest first, over all tables
 *           undo log    undo log    undo log   undo log           + the values of rows that were deleted
 * ```
 *
 * Small commits to one table are packed together. A larger one leaves its undo log behind (undo_log.ts): rows that
 * came as ranges, overwritten values, and deleted rows, whose values are copied, since their slots are used again. So
 * an insert of any size costs a few words. Beyond `bytesMax` the oldest commits go, and with them the versions
 * before. O(rows deleted) to append, O(1) otherwise.
 *
 * @module
 */
import { LoggedChanges, PackedChanges, type PastChanges } from "./packed_changes.ts";
import type { Table } from "./table.ts";
import type { UndoLog } from "./undo_log.ts";

/** What one commit did to one table, or several small ones in a row. */
export interface PastCommits {
  /** Of the last of them. */
  readonly version: number;
  readonly changes: PastChanges;
}

interface StoredCommits extends PastCommits {
  readonly owner: TableHistory;
  version: number;
  bytes: number;
}

/** Small commits to which the next one may be added. */
interface OpenPack {
  readonly stored: StoredCommits;
  readonly changes: PackedChanges;
  readonly firstVersion: number;
}

interface TableHistory {
  /** The oldest version that the table can be rolled back to. */
  floor: number;
  /** Oldest first; those before `head` are gone. */
  commits: StoredCommits[];
  head: number;
  pack: OpenPack | undefined;
}

const COMMIT_BYTES = 256;
const ROW_BYTES = 64;
const VALUE_BYTES = 16;
const PACKED_CHANGES_MAX = 32;
/** A pack goes as a whole: it has so many commits at most, of so many versions, and a small part of the bytes. */
const PACK_COMMITS = 64;
const PACK_VERSIONS = 1024;
const PACK_BYTES_SHARE = 1 / 64;

/** See the module header. */
export class History {
  readonly #bytesMax: number;
  readonly #tables = new Map<Table, TableHistory>();
  #order: StoredCommits[] = [];
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
    this.#tables.set(table, { floor: version, commits: [], head: 0, pack: undefined });
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
    if (isSmall) {
      const { stored, changes } = this.#packOf(owner, version);
      changes.add(table, log, version);
      stored.version = version;
      stored.bytes += bytes;
    } else {
      owner.pack = undefined;
      this.#push({ version, changes: new LoggedChanges(table, log), owner, bytes });
    }
    this.#bytes += bytes;
    this.#enforceLimit();
    return !isSmall;
  }

  #packOf(owner: TableHistory, version: number): OpenPack {
    const { pack } = owner;
    if (
      pack !== undefined && pack.changes.commitCount < PACK_COMMITS &&
      version - pack.firstVersion < PACK_VERSIONS && pack.stored.bytes < this.#bytesMax * PACK_BYTES_SHARE
    ) return pack;
    const changes = new PackedChanges();
    const stored = { version, changes, owner, bytes: 0 };
    this.#push(stored);
    return owner.pack = { stored, changes, firstVersion: version };
  }

  #push(stored: StoredCommits): void {
    stored.owner.commits.push(stored);
    this.#order.push(stored);
  }

  /** The oldest version that `table` can be rolled back to. */
  floorOf(table: Table): number {
    return this.#tables.get(table)?.floor ?? Infinity;
  }

  /** The commits to `table` after `version`, newest first. */
  since(table: Table, version: number): readonly PastCommits[] {
    const history = this.#tables.get(table);
    if (history === undefined) return [];
    return kept(history).filter((commit) => commit.version > version).reverse();
  }

  #enforceLimit(): void {
    while (this.#bytes > this.#bytesMax && this.#head < this.#order.length) {
      const oldest = this.#order[this.#head++]!;
      const { owner, version, bytes } = oldest;
      this.#bytes -= bytes;
      owner.floor = version;
      if (owner.pack?.stored === oldest) owner.pack = undefined;
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

function kept({ commits, head }: TableHistory): StoredCommits[] {
  return commits.slice(head);
}
