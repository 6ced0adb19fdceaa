/**
 * Boolean nodes that can give row numbers at once, without a vector of booleans in between.
 *
 * @module
 */
import type { Chunk } from "../../storage/vector.ts";
import { ColumnNode } from "./column_node.ts";
import { MemoNode, type ScalarNode } from "./scalar_node.ts";

/** A boolean node with a form for predicates. */
export interface SelectiveNode extends ScalarNode {
  /** What the condition is about. */
  readonly subject: ScalarNode;
  /** Writes the rows where it is TRUE; gives their number, or -1 when it cannot for this chunk. */
  select(chunk: Chunk, rows: Int32Array): number;
  /** Keeps those of the first `count` rows where it is TRUE; gives their number, or -1 as above. */
  refine(chunk: Chunk, rows: Int32Array, count: number): number;
}

/** `node`, or what it remembers, when that has the forms of a {@linkcode SelectiveNode}. */
export function selectiveNode(node: ScalarNode): SelectiveNode | undefined {
  const inner = node instanceof MemoNode ? node.inner : node;
  return isSelective(inner) ? inner : undefined;
}

function isSelective(node: ScalarNode): node is SelectiveNode {
  return "select" in node && "refine" in node;
}

/** The column that a node gives, or undefined. */
export function columnOf(node: ScalarNode): ColumnNode | undefined {
  const inner = node instanceof MemoNode ? node.inner : node;
  return inner instanceof ColumnNode ? inner : undefined;
}

/** Whether a node gives a column as it is. */
export function isColumn(node: ScalarNode): boolean {
  return columnOf(node) !== undefined;
}

/** Whether the subject is a column whose values are at hand, so that looking at few rows is cheap. */
export function isAtHand(node: SelectiveNode, chunk: Chunk): boolean {
  const column = columnOf(node.subject);
  return column !== undefined && chunk.columns[column.position]!.kind !== "lazy";
}
