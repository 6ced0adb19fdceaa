/**
 * The catalogue as it would be after a change of one relation: definitions are bound against it to find out whether
 * they would break, before anything is changed.
 *
 * @module
 */
import { LiveViewError } from "../base/error.ts";
import type { Query } from "../query/ast.ts";
import { bindQuery } from "../query/binder.ts";
import type { BindEnvironment } from "../query/binder.ts";
import type { Catalog, CatalogTable, CatalogView } from "../query/catalog.ts";
import { typeName } from "../storage/sql_type.ts";

/** See the module header. */
export class CatalogAfter implements Catalog {
  readonly #now: Catalog;
  readonly #name: string;
  readonly #relation: CatalogTable | undefined;

  /** `name` means `relation`, or nothing any more. */
  constructor(now: Catalog, name: string, relation: CatalogTable | undefined) {
    this.#now = now;
    this.#name = name;
    this.#relation = relation;
  }

  relation(name: string): CatalogTable | CatalogView | undefined {
    return name === this.#name ? this.#relation : this.#now.relation(name);
  }

  relationNames(): readonly string[] {
    return this.#now.relationNames();
  }
}

/** A column of a query, as those who read the query rely on it. */
type Shape = readonly { readonly name: string; readonly type: Parameters<typeof typeName>[0] }[];

/**
 * Whether `query` fails under `after`, or gives other columns than now; `defined` are columns that it may have too,
 * those of its definition.
 */
export function breaksUnder(
  after: Catalog,
  query: Query,
  environment: BindEnvironment,
  defined?: Shape,
): boolean {
  const now = shapeOf(query, environment);
  const then = shapeOf(query, { ...environment, catalog: after });
  // What is broken already is not broken by the change.
  if (now === undefined || then === now) return false;
  return then === undefined || defined === undefined || then !== textOf(defined);
}

function shapeOf(query: Query, environment: BindEnvironment): string | undefined {
  try {
    return textOf(bindQuery(query, environment).columns);
  } catch (error) {
    if (error instanceof LiveViewError) return undefined;
    throw error;
  }
}

function textOf(columns: Shape): string {
  return JSON.stringify(columns.map(({ name, type }) => [name, typeName(type)]));
}
