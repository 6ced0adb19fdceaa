/**
 * The catalogue: names to tables, views and system tables, as the binder asks for them.
 *
 * Storage keeps rows; what SQL adds to a table (default expressions, CHECK constraints, generated columns)
 * and the definitions of views live here. `version` counts changes, so that cached plans know when they are
 * out of date.
 *
 * @module
 */
import { SchemaError } from "../base/error.ts";
import type { Expression } from "../query/ast.ts";
import type { Catalog, CatalogColumn, CatalogTable, CatalogView } from "../query/catalog.ts";
import type { Store } from "../storage/store.ts";
import type { SystemTable } from "./extension_points.ts";

/** What SQL says of a column besides name and type. */
export interface ColumnDetails {
  readonly defaultValue?: Expression;
  readonly generated?: Expression;
  readonly identity?: "always" | "default";
}

/** What SQL says of a table besides its columns. */
export interface TableDetails {
  readonly columns: ReadonlyMap<string, ColumnDetails>;
  readonly checks: readonly { readonly name: string; readonly expression: Expression }[];
}

const NO_DETAILS: TableDetails = { columns: new Map(), checks: [] };

/** See the module header. */
export class KernelCatalog implements Catalog {
  readonly #store: Store;
  readonly #views = new Map<string, CatalogView>();
  readonly #details = new Map<string, TableDetails>();
  readonly #systemTables = new Map<string, SystemTable>();
  readonly #relations = new Map<string, CatalogTable>();
  #version = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Counts changes of the catalogue. */
  get version(): number {
    return this.#version;
  }

  /** Must be called after every change of a table's definition in the store. */
  changed(): void {
    this.#version++;
    this.#relations.clear();
  }

  relation(name: string): CatalogTable | CatalogView | undefined {
    return this.#relations.get(name) ?? this.#views.get(name) ?? this.#describe(name);
  }

  relationNames(): readonly string[] {
    return [
      ...this.#store.tables().map((table) => table.name),
      ...this.#views.keys(),
      ...this.#systemTables.keys(),
    ];
  }

  view(name: string): CatalogView | undefined {
    return this.#views.get(name);
  }

  views(): readonly CatalogView[] {
    return [...this.#views.values()];
  }

  setView(view: CatalogView): void {
    this.#views.set(view.name, view);
    this.changed();
  }

  removeView(name: string): void {
    this.#views.delete(name);
    this.changed();
  }

  details(table: string): TableDetails {
    return this.#details.get(table) ?? NO_DETAILS;
  }

  setDetails(table: string, details: TableDetails): void {
    this.#details.set(table, details);
    this.changed();
  }

  removeDetails(table: string): void {
    this.#details.delete(table);
    this.changed();
  }

  systemTable(name: string): SystemTable | undefined {
    return this.#systemTables.get(name);
  }

  addSystemTable(table: SystemTable): void {
    this.#systemTables.set(table.name, table);
  }

  /** Fails when `name` is taken. */
  requireFree(name: string): void {
    if (this.relation(name) === undefined) return;
    throw new SchemaError("duplicate-object", `Cannot create "${name}": the name is taken`, {
      details: { name },
      hint: "choose another name, or use IF NOT EXISTS or OR REPLACE",
    });
  }

  #describe(name: string): CatalogTable | undefined {
    const described = this.#describeStored(name) ?? this.#describeSystem(name);
    if (described !== undefined) this.#relations.set(name, described);
    return described;
  }

  #describeStored(name: string): CatalogTable | undefined {
    const table = this.#store.table(name);
    if (table === undefined) return undefined;
    const { definition } = table;
    const details = this.details(name);
    const nameOf = (ordinal: number) => definition.columns[ordinal]!.name;
    return {
      kind: definition.kind === "view" ? "materializedView" : "table",
      name,
      columns: definition.columns.map((column): CatalogColumn => ({
        name: column.name,
        type: column.type,
        nullable: column.nullable,
        ...details.columns.get(column.name),
      })),
      primaryKey: definition.primaryKey.map(nameOf),
      uniqueKeys: (definition.uniqueKeys ?? []).map((key) => key.ordinals.map(nameOf)),
      checks: details.checks,
    };
  }

  #describeSystem(name: string): CatalogTable | undefined {
    const table = this.#systemTables.get(name);
    if (table === undefined) return undefined;
    return {
      kind: "table",
      name,
      columns: table.columns.map(({ name, type }) => ({ name, type, nullable: true })),
      primaryKey: [],
      uniqueKeys: [],
      checks: [],
    };
  }
}
