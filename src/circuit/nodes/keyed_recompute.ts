/**
 * Recomputation of the keys that changed: any operator whose output for one key depends only on the input rows
 * with that key.
 *
 * ```
 * changed keys ─► their rows before ─► batch executor ─► -
 *              └► their rows after  ─► batch executor ─► +   the difference is the change
 * ```
 *
 * It stands in for what has no operator of its own (see `../README.md`). The cost is that of the touched keys. An
 * operator without a key is recomputed whole.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { KeyTable } from "../../exec/key_table.ts";
import type { PlanColumn, Scalar } from "../../query/plan.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import type { BatchTemplate, GivenRows } from "../batch_template.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { consolidated, type Delta, emptyDelta, negated, repeated, sumOfDeltas } from "../delta.ts";
import { KeyedInput } from "../rows/keyed_input.ts";

/** See the module header. */
export class KeyedRecomputeNode implements CircuitNode {
  readonly name: string;
  readonly inputs: readonly CircuitNode[];
  readonly columns: readonly PlanColumn[];
  readonly #template: BatchTemplate;
  readonly #sides: readonly KeyedInput[];
  readonly #keyTypes: readonly SqlType[];
  #started = false;
  examinedRows = 0;

  /** `keys`: of each input, in the same order and of the same types; empty to recompute everything. */
  constructor(
    options: {
      readonly name: string;
      readonly inputs: readonly CircuitNode[];
      readonly keys: readonly (readonly Scalar[])[];
      readonly template: BatchTemplate;
    },
    environment: ExecutionEnvironment,
  ) {
    const { name, inputs, keys, template } = options;
    this.name = `recomputed ${name}`;
    this.inputs = inputs;
    this.columns = template.columns;
    this.#template = template;
    this.#keyTypes = (keys[0] ?? []).map((key) => key.type);
    this.#sides = inputs.map((input, i) => new KeyedInput(input.columns, keys[i]!, environment, true));
  }

  get stateBytes(): number {
    return this.#sides.reduce((bytes, side) => bytes + side.stateBytes, 0);
  }

  apply(deltas: readonly Delta[]): Delta {
    const types = this.columns.map((column) => column.type);
    const first = !this.#started;
    if (!first && deltas.every((delta) => delta.size === 0)) return emptyDelta(types);
    this.#started = true;
    const keys = this.#changedKeys(deltas);
    // Over no rows at all there was no output yet, not even that of an aggregate without groups.
    const before = first ? emptyDelta(types) : this.#template.run(this.#rowsOf(keys));
    this.#sides.forEach((side, i) => side.apply(deltas[i]!));
    const after = this.#template.run(this.#rowsOf(keys));
    return consolidated(sumOfDeltas([after, negated(before)], types), types);
  }

  output(): Delta {
    return this.#template.run(this.#sides.map(({ arrangement }) => repeated(arrangement.all())));
  }

  #changedKeys(deltas: readonly Delta[]): GivenRows {
    if (this.#keyTypes.length === 0) return { columns: [], size: 1 };
    const table = new KeyTable(this.#keyTypes.map((type) => ({ type })));
    deltas.forEach((delta, i) => {
      if (delta.size === 0) return;
      table.assign(this.#sides[i]!.keysOf(delta), delta.size, new Int32Array(delta.size));
    });
    return { columns: table.keys(), size: table.count };
  }

  /** The rows of every input that have these keys. */
  #rowsOf({ columns, size }: GivenRows): GivenRows[] {
    return this.#sides.map((side) => {
      const { arrangement } = side;
      const matches = arrangement.find(columns as readonly Vector[], size);
      this.examinedRows += matches.count;
      // The rows of a key are found last first; array_agg and first see them in the order in which they came.
      const rows = matches.rows.subarray(0, matches.count).reverse();
      return repeated(arrangement.rowsAt(rows, matches.count));
    });
  }
}
