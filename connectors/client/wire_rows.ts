/**
 * Values from the wire back to what the engine shows, by the types of the columns.
 *
 * DATE and TIMESTAMP become `Date`, a BIGINT that no double holds a bigint, `"NaN"` and the infinities numbers.
 * Everything else is what JSON says: DECIMALs beyond 15 digits stay texts.
 *
 * @module
 */

/** A column of a result. */
export interface ClientColumn {
  /** The output name. */
  readonly name: string;
  /** As SQL writes it: `BIGINT`, `DECIMAL(15,2)`. */
  readonly type: string;
  /** False when the value can never be NULL. */
  readonly nullable?: boolean;
}

type Revive = (value: unknown) => unknown;

const AS_IS: Revive = (value) => value;

/** What turns the values of a column of this type into JavaScript's; `undefined` when they are already. */
function reviverOf(type: string): Revive {
  if (type.endsWith("[]")) {
    const revive = reviverOf(type.slice(0, -2));
    return revive === AS_IS ? AS_IS : (value) => Array.isArray(value) ? value.map(revive) : value;
  }
  switch (type.replace(/\(.*$/, "").trim()) {
    case "DATE":
    case "TIMESTAMP":
    case "TIMESTAMPTZ":
    case "TIMESTAMP WITH TIME ZONE":
      return (value) => typeof value === "string" ? new Date(value) : value;
    case "BIGINT":
      return (value) => typeof value === "string" ? BigInt(value) : value;
    case "REAL":
    case "DOUBLE":
    case "DOUBLE PRECISION":
    case "NUMERIC":
      return (value) =>
        value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : value;
    default:
      return AS_IS;
  }
}

/** Makes rows of what the wire has, with `columns` in order. */
export class RowReader<Row> {
  readonly #names: readonly string[];
  readonly #revivers: readonly Revive[];

  constructor(columns: readonly ClientColumn[]) {
    this.#names = columns.map((column) => column.name);
    this.#revivers = columns.map((column) => reviverOf(column.type));
  }

  /** A row from its values in the order of the columns. */
  fromArray(values: readonly unknown[]): Row {
    const row: Record<string, unknown> = {};
    for (let i = 0; i < this.#names.length; i++) {
      define(row, this.#names[i]!, this.#revivers[i]!(values[i]));
    }
    // The caller says what its rows are: the wire has names and values alone.
    return row as Row;
  }

  /** A row from an object by column name. */
  fromObject(values: Readonly<Record<string, unknown>>): Row {
    return this.fromArray(this.#names.map((name) => values[name]));
  }
}

/** Sets a property even when it is called `__proto__`. */
function define(row: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") row[name] = value;
  else Object.defineProperty(row, name, { value, enumerable: true, writable: true, configurable: true });
}
