/** The public surface, so that a change of it is a decision: every name of mod.ts, and the codes of its errors. */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as api from "../mod.ts";

const ROOT = join(import.meta.dirname!, "..");
const TEXT = readFileSync(join(ROOT, "mod.ts"), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");

/** Names that mod.ts exports: values as they are, types with `type` before them. */
function exportedNames(): string[] {
  const namespaces = [...TEXT.matchAll(/^export type \* as (\w+) from/gm)].map((match) => `type ${match[1]}`);
  const lists = [...TEXT.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap((match) =>
    match[2]!.split(",").map((name) => name.trim()).filter((name) => name !== "").map((name) =>
      match[1] === undefined ? name : `type ${name}`
    )
  );
  return [...namespaces, ...lists].sort();
}

const VALUES = [
  "AccessError",
  "ContextKey",
  "Database",
  "Explanation",
  "ExtensionPoint",
  "InvariantError",
  "LimitError",
  "LiveViewError",
  "ManualClock",
  "PluginError",
  "QueryBuilder",
  "QueryContext",
  "QueryError",
  "QueryResult",
  "Scalar",
  "SchemaError",
  "SeededRandom",
  "aggregates",
  "avg",
  "call",
  "column",
  "count",
  "countDistinct",
  "createDatabase",
  "definePlugin",
  "from",
  "httpRoutes",
  "literal",
  "materializedViews",
  "max",
  "min",
  "parameter",
  "principalKey",
  "queryFromJson",
  "scalarFunctions",
  "sum",
  "systemClock",
  "systemTables",
  "tableFunctions",
];

const TYPES = [
  "Admission",
  "AggregateDefinition",
  "AggregateSignature",
  "ApisOf",
  "BatchColumn",
  "BigintVector",
  "BooleanVector",
  "CallContext",
  "Catalog",
  "CatalogChange",
  "CatalogColumn",
  "CatalogTable",
  "CatalogView",
  "Change",
  "ChangeRow",
  "ChangeStream",
  "CircuitStatus",
  "Clock",
  "CodeVector",
  "ColumnBatch",
  "ColumnName",
  "CommitBatch",
  "Contribution",
  "DatabaseOptions",
  "DatabaseTransaction",
  "Datum",
  "DeltaChunk",
  "DeltaRun",
  "Dictionary",
  "ErrorCode",
  "ErrorOptions",
  "First",
  "Float64Vector",
  "Handler",
  "HookName",
  "HttpCall",
  "HttpRoute",
  "InputRows",
  "Int32Vector",
  "Interval",
  "KernelHooks",
  "KeyedRows",
  "Limits",
  "Lineage",
  "LineageEdge",
  "LiteralValue",
  "MaterializedViewsApi",
  "MaterializedViewsOptions",
  "MemoryReport",
  "Notify",
  "NullBytes",
  "NumberArray",
  "Numeric",
  "ObjectVector",
  "Operand",
  "OperatorStatistics",
  "OperatorStatus",
  "Ordering",
  "OutputOptions",
  "Plugin",
  "PluginHooks",
  "PluginHost",
  "PluginInstance",
  "Principal",
  "QueryOptions",
  "Queryable",
  "Random",
  "ReferenceViolation",
  "RefreshMethod",
  "RefreshMode",
  "RefreshModeProperty",
  "RefreshRecord",
  "RefreshTrigger",
  "ResultColumn",
  "ResultFreshness",
  "ResultSource",
  "RowErrorPolicy",
  "ScalarFunction",
  "ScalarSignature",
  "SourcePlace",
  "SqlType",
  "SqlTypeKind",
  "StatementInput",
  "StatementReads",
  "StatementSession",
  "StringVector",
  "SubscribeOptions",
  "SubscriptionEnd",
  "SystemTable",
  "TableDelta",
  "TableFunctionDefinition",
  "Task",
  "TypePattern",
  "Vector",
  "ViewDeclaration",
  "ViewProperties",
  "ViewStatus",
  "Waterfall",
  "ast",
  "plan",
];

const ERRORS = [
  api.LiveViewError,
  api.QueryError,
  api.SchemaError,
  api.AccessError,
  api.LimitError,
  api.PluginError,
  api.InvariantError,
];

describe("mod.ts", () => {
  it("exports these values", () => {
    assertEquals(Object.keys(api).sort(), VALUES);
    assertEquals(exportedNames().filter((name) => !name.startsWith("type ")), VALUES);
  });

  it("exports these types", () => {
    assertEquals(
      exportedNames().filter((name) => name.startsWith("type ")).map((name) => name.slice(5)),
      TYPES,
    );
  });

  it("names every error class among its values", () => {
    const classes = Object.entries(api).filter(([name]) => name.endsWith("Error")).map(([, value]) => value);
    assertEquals(new Set<unknown>(classes), new Set<unknown>(ERRORS));
  });
});

describe("errors", () => {
  for (const ErrorClass of ERRORS) {
    it(`${ErrorClass.name} has code, name, details and hint as data`, () => {
      const error = new ErrorClass("unsupported", "Cannot", { details: { a: 1 }, hint: "do", cause: 7 });
      assert(error instanceof api.LiveViewError);
      assertEquals(error.hint, "do");
      assertEquals(error.cause, 7);
      assertEquals(error.toJSON(), {
        name: ErrorClass.name,
        code: "unsupported",
        message: "Cannot (do)",
        details: { a: 1 },
      });
    });
  }
});
