/**
 * Names of relations: one schema, so a qualified name is a relation's name with dots.
 *
 * @module
 */
import type { QualifiedName } from "../query/ast.ts";

/** The relation a qualified name means: schemas `public` and `main` are implied. */
export function relationName(name: QualifiedName): string {
  const parts = name.map((part) => part.name);
  if (parts.length > 1 && (parts[0] === "public" || parts[0] === "main")) parts.shift();
  return parts.join(".");
}
