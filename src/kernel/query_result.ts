/**
 * The answer to a statement: columns that become JavaScript values when they are asked for.
 *
 * The columns stay in storage units until `objects`, `rows` or `column` is called, so a caller that only
 * wants one column, or hands the vectors on, pays for nothing else.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { type SqlType, typeName } from "../storage/sql_type.ts";
import type { Vector } from "../storage/vector.ts";
import { type OutputOptions, vectorToValues } from "./value_output.ts";

/** A column of a result. */
export interface ResultColumn {
  /** The output name. */
  readonly name: string;
  /** As SQL writes it: `BIGINT`, `DECIMAL(15,2)`. */
  readonly type: string;
  /** As data. */
  readonly sqlType: SqlType;
  /** False when the value can never be NULL. */
  readonly nullable: boolean;
}

/** How far the stored views that an answer read were behind. */
export interface ResultFreshness {
  /** All changes up to this version are in the answer; less than `version` when a view lagged. */
  readonly dataVersion: number;
  /** Age of the oldest change that is not in the answer, in milliseconds; 0 when all are. */
  readonly stalenessMs: number;
}

/** What a result is made of. */
export interface ResultSource {
  /** Name and type of each column, in order. */
  readonly columns: readonly { readonly name: string; readonly type: SqlType; readonly nullable: boolean }[];
  /** The values, one vector a column. */
  readonly vectors: readonly Vector[];
  /** Rows of every vector that count. */
  readonly rowCount: number;
  /** The version of the data that the answer reflects. */
  readonly version: number;
  /** How far it is behind that version; not at all by default. */
  readonly freshness?: ResultFreshness;
  /** `SELECT`, `INSERT`, `CREATE TABLE`, ... */
  readonly command: string;
  /** Rows that a write changed. */
  readonly changeCount?: number;
  /** What answered: `scan`, or the name of a plugin. */
  readonly served?: string;
  /** How values are shown. */
  readonly output?: OutputOptions;
}

/** See the module header. */
export class QueryResult {
  /** Name and type of each column, in order. */
  readonly columns: readonly ResultColumn[];
  /** Rows of the result. */
  readonly rowCount: number;
  /** The version of the data that the answer reflects. */
  readonly version: number;
  /** All changes up to this version are in the answer; less than `version` when a stored view lagged. */
  readonly dataVersion: number;
  /** Age of the oldest change that is not in the answer, in milliseconds; 0 when all are. */
  readonly stalenessMs: number;
  /** `SELECT`, `INSERT`, `CREATE TABLE`, ... */
  readonly command: string;
  /** Rows that a write changed; 0 for queries. */
  readonly changeCount: number;
  /** What answered: `scan`, or the name of a plugin. */
  readonly served: string;
  readonly #source: ResultSource;

  /** Takes `source` as its own. */
  constructor(source: ResultSource) {
    this.columns = source.columns.map(({ name, type, nullable }) => ({
      name,
      type: typeName(type),
      sqlType: type,
      nullable,
    }));
    this.rowCount = source.rowCount;
    this.version = source.version;
    this.dataVersion = source.freshness?.dataVersion ?? source.version;
    this.stalenessMs = source.freshness?.stalenessMs ?? 0;
    this.command = source.command;
    this.changeCount = source.changeCount ?? 0;
    this.served = source.served ?? "scan";
    this.#source = source;
  }

  /** Rows as objects by column name. Of two columns with one name the last one shows. */
  objects(): Record<string, unknown>[] {
    const values = this.#values();
    const names = this.columns.map((column) => column.name);
    return Array.from({ length: this.rowCount }, (_, row) => {
      const object: Record<string, unknown> = {};
      for (let i = 0; i < names.length; i++) setOwn(object, names[i]!, values[i]![row]);
      return object;
    });
  }

  /** Rows as arrays, in column order. */
  rows(): unknown[][] {
    const values = this.#values();
    return Array.from({ length: this.rowCount }, (_, row) => values.map((column) => column[row]));
  }

  /**
   * The values of one column.
   *
   * @throws {QueryError} `unknown-column`
   */
  column(nameOrIndex: string | number): unknown[] {
    const index = this.#indexOf(nameOrIndex);
    return vectorToValues(
      this.#source.vectors[index]!,
      this.columns[index]!.sqlType,
      this.rowCount,
      this.#source.output ?? {},
    );
  }

  /** One column in storage units, without conversion; see `src/storage/vector.ts`. */
  vector(nameOrIndex: string | number): Vector {
    return this.#source.vectors[this.#indexOf(nameOrIndex)]!;
  }

  /** The same result with another version: a write learns its version when it commits. */
  atVersion(version: number): QueryResult {
    return new QueryResult({ ...this.#source, version });
  }

  /** Plain data for JSON. */
  toJSON(): { columns: { name: string; type: string }[]; rows: unknown[][]; version: number } {
    return {
      columns: this.columns.map(({ name, type }) => ({ name, type })),
      rows: this.rows(),
      version: this.version,
    };
  }

  #values(): unknown[][] {
    return this.columns.map((column, i) =>
      vectorToValues(this.#source.vectors[i]!, column.sqlType, this.rowCount, this.#source.output ?? {})
    );
  }

  #indexOf(nameOrIndex: string | number): number {
    const index = typeof nameOrIndex === "number"
      ? nameOrIndex
      : this.columns.findIndex((column) => column.name === nameOrIndex);
    if (this.#source.vectors[index] !== undefined) return index;
    throw new QueryError("unknown-column", `The result has no column ${JSON.stringify(nameOrIndex)}`, {
      details: { column: nameOrIndex },
      hint: `columns are ${this.columns.map((column) => column.name).join(", ")}`,
    });
  }
}

/** Sets a property even when it is called `__proto__`. */
function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
  } else {
    object[name] = value;
  }
}
