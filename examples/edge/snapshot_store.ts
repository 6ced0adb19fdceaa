/**
 * A snapshot of a database in the SQLite storage of a Durable Object: definitions as SQL, tables as bytes in chunks.
 *
 * ```
 * snapshot_definition  position | sql                    scripts, in the order in which they ran
 * snapshot_table       name | rows                       one row a table
 * snapshot_chunk       name | position | bytes           an Arrow stream, cut into pieces below the value limit
 * ```
 *
 * Tables that did not change keep their chunks, so a snapshot costs O(bytes of the changed tables). Everything of one
 * snapshot is written in one transaction of SQLite: after a crash the storage holds the old one or the new one.
 *
 * @module
 */

/** Values that SQLite holds. */
export type SqlValue = string | number | null | ArrayBuffer;

/** The part of a Durable Object's storage that a snapshot needs. */
export interface SnapshotStorage {
  /** SQLite. */
  readonly sql: {
    /** Runs one statement; the rows as objects. */
    exec(statement: string, ...values: readonly SqlValue[]): Iterable<Record<string, SqlValue>>;
  };
  /** All writes of `run`, or none. */
  transactionSync<Result>(run: () => Result): Result;
}

/** The rows of one table. */
export interface TableImage {
  /** Name of the table. */
  readonly name: string;
  /** Rows in it. */
  readonly rowCount: number;
  /** An Arrow stream. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** SQLite in a Durable Object takes values of up to 2 MB. */
const CHUNK_BYTES = 1_000_000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS snapshot_definition (position INTEGER PRIMARY KEY, sql TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS snapshot_table (name TEXT PRIMARY KEY, row_count INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS snapshot_chunk (
    name TEXT NOT NULL, position INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (name, position)
  ) WITHOUT ROWID;
`;

/** See the module header. */
export class SnapshotStore {
  readonly #storage: SnapshotStorage;

  /** Makes the tables where they do not exist yet. */
  constructor(storage: SnapshotStorage) {
    this.#storage = storage;
    storage.sql.exec(TABLES);
  }

  /** The scripts that made the tables and views, in their order. */
  definitions(): readonly string[] {
    return this.#rows("SELECT sql FROM snapshot_definition ORDER BY position").map(({ sql }) => String(sql));
  }

  /** Adds a script that has run. */
  addDefinition(sql: string): void {
    this.#storage.sql.exec("INSERT INTO snapshot_definition (sql) VALUES (?)", sql);
  }

  /** Names of the stored tables. */
  tableNames(): readonly string[] {
    return this.#rows("SELECT name FROM snapshot_table ORDER BY name").map(({ name }) => String(name));
  }

  /** Bytes of all stored tables. */
  byteLength(): number {
    const [row] = this.#rows("SELECT sum(length(bytes)) AS bytes FROM snapshot_chunk");
    return Number(row?.bytes ?? 0);
  }

  /** The rows of one table; without a byte when it is not stored. */
  read(name: string): Uint8Array<ArrayBuffer> {
    const rows = this.#rows("SELECT bytes FROM snapshot_chunk WHERE name = ? ORDER BY position", name);
    const chunks = rows.flatMap(({ bytes }) => bytes instanceof ArrayBuffer ? [bytes] : []);
    const joined = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
    let at = 0;
    for (const chunk of chunks) {
      joined.set(new Uint8Array(chunk), at);
      at += chunk.byteLength;
    }
    return joined;
  }

  /** Puts `images` in the place of what is stored of their tables, and removes the tables of `dropped`. */
  write(images: readonly TableImage[], dropped: readonly string[]): void {
    const { sql } = this.#storage;
    this.#storage.transactionSync(() => {
      for (const name of [...dropped, ...images.map((image) => image.name)]) {
        sql.exec("DELETE FROM snapshot_chunk WHERE name = ?", name);
        sql.exec("DELETE FROM snapshot_table WHERE name = ?", name);
      }
      for (const { name, rowCount, bytes } of images) {
        sql.exec("INSERT INTO snapshot_table (name, row_count) VALUES (?, ?)", name, rowCount);
        for (let from = 0, position = 0; from < bytes.length; from += CHUNK_BYTES, position++) {
          const chunk = bytes.slice(from, from + CHUNK_BYTES).buffer;
          sql.exec(
            "INSERT INTO snapshot_chunk (name, position, bytes) VALUES (?, ?, ?)",
            name,
            position,
            chunk,
          );
        }
      }
    });
  }

  #rows(statement: string, ...values: readonly SqlValue[]): readonly Record<string, SqlValue>[] {
    return [...this.#storage.sql.exec(statement, ...values)];
  }
}
