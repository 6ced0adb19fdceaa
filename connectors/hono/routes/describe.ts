/**
 * `GET /describe`: tables and views with their columns. `GET /describe/:name`: one of them, with the role of each
 * column in a chart, found from a sample of its rows.
 *
 * @module
 */
import * as v from "valibot";
import { SchemaError } from "../../../src/base/error.ts";
import { suggestion } from "../../../src/query/name_suggestion.ts";
import { typeName } from "../../../src/storage/sql_type.ts";
import { roledRows } from "../../charts/column_role.ts";
import type { AppCall, AppContext, LiveviewHono } from "../app_context.ts";
import { quotedName, relationColumns } from "../relation_columns.ts";
import { addRoute } from "../route.ts";
import { viewsApi } from "../views_api.ts";
import { wireRow } from "../wire_value.ts";

/** Rows that roles are found from. */
const SAMPLE_ROWS = 500;

const column = { name: v.string(), type: v.string(), nullable: v.boolean(), key: v.nullable(v.string()) };
const relation = {
  name: v.string(),
  kind: v.picklist(["table", "view", "materializedView"]),
  rowCount: v.nullable(v.number()),
};

const relationsAnswer = v.object({
  version: v.number(),
  timeZone: v.string(),
  relations: v.array(v.object({ ...relation, columns: v.array(v.object(column)) })),
});

const relationAnswer = v.object({
  ...relation,
  columns: v.array(v.object({ ...column, role: v.nullable(v.string()), title: v.nullable(v.string()) })),
});

/** Adds both routes. */
export function addDescribeRoutes(app: LiveviewHono, context: AppContext): void {
  addRoute(app, context, {
    method: "GET",
    path: "/describe",
    summary: "Tables and views with their columns",
    access: "read",
    answers: { "application/json": relationsAnswer },
  }, (c) => {
    const { db } = context;
    const rowCounts = new Map(db.memory().tables.map(({ name, rowCount }) => [name, rowCount]));
    const relations = listedNames(context).map((name) => described(context, name, rowCounts));
    c.header("cache-control", "no-store");
    return c.json({ version: db.version, timeZone: db.timeZone, relations });
  });
  addRoute(app, context, {
    method: "GET",
    path: "/describe/:name",
    summary: "One table or view, with the roles of its columns in charts",
    access: "read",
    answers: { "application/json": relationAnswer },
  }, (c) => describedWithRoles(c, context));
}

/** Names of relations, without those that live queries come and go with. */
function listedNames({ db }: AppContext): readonly string[] {
  const views = new Set(viewsApi(db)?.names() ?? []);
  return db.catalog.relationNames().filter((name) => {
    const { kind } = db.catalog.relation(name) ?? {};
    return kind !== "materializedView" || views.has(name);
  });
}

interface DescribedColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly key: string | null;
}

interface DescribedRelation {
  readonly name: string;
  readonly kind: string;
  readonly rowCount: number | null;
  readonly columns: readonly DescribedColumn[];
}

function described(
  context: AppContext,
  name: string,
  rowCounts: ReadonlyMap<string, number>,
): DescribedRelation {
  const found = context.db.catalog.relation(name);
  const columns = relationColumns(context.db, name);
  if (found === undefined || columns === undefined) throw unknownRelation(context, name);
  const primaryKey = found.kind === "view" ? [] : found.primaryKey;
  return {
    name,
    kind: found.kind,
    rowCount: rowCounts.get(name) ?? null,
    columns: columns.map((one) => ({
      name: one.name,
      type: typeName(one.type),
      nullable: one.nullable,
      key: primaryKey.includes(one.name) ? "primary" : null,
    })),
  };
}

async function describedWithRoles(c: AppCall, context: AppContext): Promise<Response> {
  const { db } = context;
  const name = c.req.param("name") ?? "";
  const rowCounts = new Map(db.memory().tables.map((table) => [table.name, table.rowCount]));
  const relation = described(context, name, rowCounts);
  const sql = `SELECT * FROM ${quotedName(name)} LIMIT ${SAMPLE_ROWS}`;
  const sample = await db.query(sql, context.queryOptions(c));
  const rows = sample.objects().map((row) => wireRow(row, sample.columns));
  const roles = new Map(
    roledRows(sample.columns.map(({ name, sqlType }) => ({ name, type: sqlType })), rows, db.timeZone).columns
      .map((one) => [one.name, one]),
  );
  c.header("cache-control", "no-store");
  return c.json({
    ...relation,
    columns: relation.columns.map((one) => ({
      ...one,
      role: roles.get(one.name)?.role ?? null,
      title: roles.get(one.name)?.title ?? null,
    })),
  });
}

function unknownRelation({ db }: AppContext, name: string): SchemaError {
  return new SchemaError("unknown-object", `There is no table or view ${JSON.stringify(name)}`, {
    details: { name },
    hint: suggestion(name, db.catalog.relationNames()) ?? "GET /v1/describe lists them",
  });
}
