/**
 * All rows of an operator that does nothing but filter, compute and rename the rows of one table, read from the
 * table itself, piece by piece: so what is above needs no copy of them.
 *
 * ```
 * top k ─► project ─► filter ─► table orders          rows(): 8,192 of the table at a time through the same nodes
 * ```
 *
 * The table is read as it is now, the transaction under way included, as joins do. O(rows) a reading.
 *
 * @module
 */
import type { Vector } from "../storage/vector.ts";
import type { CircuitNode, Epoch } from "./circuit_node.ts";
import type { Delta } from "./delta.ts";
import type { TableLookup } from "./live_tables.ts";
import { FilterNode, ProjectNode, RenameNode } from "./nodes/linear.ts";
import { TableNode } from "./nodes/source.ts";

/** Rows read at a time. */
const PIECE_ROWS = 8192;

/** See the module header. */
export class TableSource {
  readonly #tables: TableLookup;
  readonly #table: TableNode;
  /** From the table upwards. */
  readonly #nodes: readonly CircuitNode[];

  private constructor(tables: TableLookup, table: TableNode, nodes: readonly CircuitNode[]) {
    this.#tables = tables;
    this.#table = table;
    this.#nodes = nodes;
  }

  /** The source of the rows of `node`; undefined when they come from elsewhere too, or are not known otherwise. */
  static of(node: CircuitNode, tables: TableLookup | undefined): TableSource | undefined {
    if (tables === undefined) return undefined;
    const nodes: CircuitNode[] = [];
    let below = node;
    while (isLinear(below)) {
      nodes.push(below);
      // They have one input.
      below = below.inputs[0]!;
    }
    return below instanceof TableNode ? new TableSource(tables, below, nodes.reverse()) : undefined;
  }

  /** Rows of the table. */
  get tableRows(): number {
    return this.#tables.rowCount(this.#table.table);
  }

  /** The rows, each of weight 1. */
  *pieces(epoch: Epoch): Generator<Delta, void, undefined> {
    const { table, ordinals } = this.#table;
    const sources = ordinals.map((ordinal) => this.#tables.column(table, ordinal));
    for (const rows of this.#tables.rows(table)) {
      for (let from = 0; from < rows.length; from += PIECE_ROWS) {
        const part = rows.subarray(from, Math.min(rows.length, from + PIECE_ROWS));
        const columns = sources.map((source): Vector => ({ kind: "lazy", rows: part, source }));
        let piece: Delta = { size: part.length, columns, weights: new Int32Array(part.length).fill(1) };
        for (const node of this.#nodes) piece = node.apply([piece], epoch);
        yield piece;
      }
    }
  }
}

function isLinear(node: CircuitNode): boolean {
  return node instanceof FilterNode || node instanceof ProjectNode || node instanceof RenameNode;
}
