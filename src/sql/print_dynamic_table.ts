/**
 * Prints the properties and actions of dynamic tables.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import type { AlterDynamicTable, Expression, Property, PropertyValue } from "../query/ast.ts";
import type { Printer } from "./printer.ts";

const FLAGS: ReadonlySet<string> = new Set(["copy_grants", "copy_tags", "require_user"]);

/** One property as CREATE and SET take it. */
export function printDynamicTableProperty(printer: Printer, { name, value }: Property): string {
  const word = name.toUpperCase();
  if (value === undefined || FLAGS.has(name)) return word.replaceAll("_", " ");
  if (name === "cluster_by") return `CLUSTER BY ${printValue(printer, name, value)}`;
  if (name === "frozen_where") return `FROZEN WHERE (${printValue(printer, name, value)})`;
  if (name === "execute_as_user") return `EXECUTE AS USER ${printValue(printer, name, value)}`;
  if (name === "backfill_from") return `BACKFILL FROM ${printValue(printer, name, value)}`;
  return `${word} = ${printValue(printer, name, value)}`;
}

function isExpression(value: PropertyValue): value is Expression {
  return typeof value === "object" && "kind" in value;
}

/** Words stay bare (`WAREHOUSE = wh`), other strings are quoted (`TARGET_LAG = '1 minute'`). */
function printValue(printer: Printer, name: string, value: PropertyValue): string {
  if (typeof value === "string") {
    const bare = /^[a-z_][a-z0-9_$.]*$/i.test(value) && name !== "comment";
    return bare ? value : printer.string(value);
  }
  if (typeof value === "number") return String(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (isExpression(value)) return printer.expression(value);
  return `(${value.map((item) => printValue(printer, name, item)).join(", ")})`;
}

/** What follows the name in ALTER DYNAMIC TABLE, with a leading space or comma. */
export function printDynamicTableAction(printer: Printer, action: AlterDynamicTable["action"]): string {
  switch (action.kind) {
    case "suspend":
    case "resume":
      return ` ${action.kind.toUpperCase()}${action.recluster === true ? " RECLUSTER" : ""}`;
    case "refresh":
      return `${(action.also ?? []).map((name) => `, ${printer.name(name)}`).join("")} REFRESH`;
    case "rename":
      return ` RENAME TO ${printer.identifier(action.to)}`;
    case "swap":
      return ` SWAP WITH ${printer.name(action.with)}`;
    case "setProperties":
      return ` SET ${
        action.properties.map((property) => printDynamicTableProperty(printer, property)).join(", ")
      }`;
    case "unsetProperties":
      return ` UNSET ${action.names.map(unsetWords).join(", ")}`;
    default:
      return unreachable(action);
  }
}

function unsetWords(name: string): string {
  return name === "frozen_where" || name === "execute_as_user"
    ? name.replaceAll("_", " ").toUpperCase()
    : name.toUpperCase();
}
