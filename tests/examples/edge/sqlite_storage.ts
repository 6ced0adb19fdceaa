/**
 * The storage of a Durable Object in a SQLite database in memory, with its alarm by hand.
 *
 * @module
 */
import { createRequire } from "node:module";
import type { ObjectStorage } from "../../../examples/edge/database_object.ts";
import type { SqlValue } from "../../../examples/edge/snapshot_store.ts";

/** The part of `node:sqlite` that is used; its types are not known to every checker. */
interface SqliteModule {
  readonly DatabaseSync: new (path: string) => {
    exec(statement: string): void;
    prepare(
      statement: string,
    ): { all(...values: readonly SqliteInput[]): readonly Record<string, unknown>[] };
  };
}
type SqliteInput = string | number | null | Uint8Array;

const { DatabaseSync } = createRequire(import.meta.url)("node:sqlite") as SqliteModule;

/** Values that a Durable Object takes; larger ones are an error there. */
const VALUE_BYTES_MAX = 2_000_000;

/** See the module header. */
export class SqliteStorage implements ObjectStorage {
  /** When `alarm` is to be called. */
  alarmAt: number | undefined;
  /** Fails the next transaction. */
  failNext = false;
  readonly #database = new DatabaseSync(":memory:");
  readonly sql: ObjectStorage["sql"] = {
    exec: (statement, ...values) => {
      if (values.length === 0 && !/^\s*select/i.test(statement)) {
        this.#database.exec(statement);
        return [];
      }
      const rows = this.#database.prepare(statement).all(...values.map(toInput));
      return rows.map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, fromOutput(value)]))
      );
    },
  };

  transactionSync<Result>(run: () => Result): Result {
    if (this.failNext) {
      this.failNext = false;
      throw new RangeError("the disk is full");
    }
    this.#database.exec("BEGIN");
    const result = run();
    this.#database.exec("COMMIT");
    return result;
  }

  setAlarm(at: number): Promise<void> {
    this.alarmAt = at;
    return Promise.resolve();
  }
}

function toInput(value: SqlValue): SqliteInput {
  if (!(value instanceof ArrayBuffer)) return value;
  if (value.byteLength > VALUE_BYTES_MAX) throw new RangeError("string or blob too big: SQLITE_TOOBIG");
  return new Uint8Array(value);
}

function fromOutput(value: unknown): SqlValue {
  return value instanceof Uint8Array ? value.slice().buffer : value as SqlValue;
}
