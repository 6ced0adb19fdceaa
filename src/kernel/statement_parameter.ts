/**
 * The parameters of a statement, found in its AST.
 *
 * Binding finds them too, but ends at the first error; this is for the message about one that has no value.
 * O(nodes), on failure only.
 *
 * @module
 */
import type { Parameter, Statement } from "../query/ast.ts";

/** The first use of each parameter by position; a number that the text leaves out is a hole. */
export function parametersOf(statement: Statement): readonly (Parameter | undefined)[] {
  const found: (Parameter | undefined)[] = [];
  const names = new Map<string, number>();
  const open: object[] = [statement];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isParameter(node)) {
      const position = positionOf(node, names);
      while (found.length <= position) found.push(undefined);
      found[position] ??= node;
      continue;
    }
    const children = Object.values(node).filter((child) => typeof child === "object" && child !== null);
    open.push(...children.reverse());
  }
  return found;
}

function positionOf({ index, name }: Parameter, names: Map<string, number>): number {
  if (name === undefined) return Math.max(0, (index ?? 1) - 1);
  const known = names.get(name) ?? names.size;
  names.set(name, known);
  return known;
}

/** True for a parameter among the nodes of an AST. */
export function isParameter(node: object): node is Parameter {
  return "kind" in node && node.kind === "parameter";
}
