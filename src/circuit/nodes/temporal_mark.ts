/**
 * Temporal marks: a BOOLEAN column for each comparison of a row with the time.
 *
 * Wherever a condition on time stands, as in `count(*) FILTER (WHERE ts > now() - interval '7 days')` or
 * `CASE WHEN due < current_date THEN 'overdue' END`, the operator above reads a column in its place. When the clock
 * makes a condition true or false, the row goes with the old marks and comes with the new. Costs as of the
 * temporal filter.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import type { PlanColumn, Scalar } from "../../query/plan.ts";
import type { BooleanVector } from "../../storage/vector.ts";
import type { CircuitNode, Epoch } from "../circuit_node.ts";
import { type Delta, emptyDelta, negated, sumOfDeltas } from "../delta.ts";
import { holds, type TimeBound, TimedRows } from "../time/timed_rows.ts";

/** The comparisons of one expression of the row, each with its column. */
export interface TemporalMarks {
  readonly row: Scalar;
  readonly bounds: readonly TimeBound[];
  readonly columns: readonly PlanColumn[];
}

/** See the module header. */
export class TemporalMarkNode implements CircuitNode {
  readonly name = "temporal mark";
  readonly inputs: readonly CircuitNode[];
  readonly columns: readonly PlanColumn[];
  readonly #bounds: readonly TimeBound[];
  readonly #rows: TimedRows;
  #examinedRows = 0;

  constructor(input: CircuitNode, marks: TemporalMarks, environment: ExecutionEnvironment) {
    this.inputs = [input];
    this.columns = [...input.columns, ...marks.columns];
    this.#bounds = marks.bounds;
    this.#rows = new TimedRows(input.columns, marks.row, marks.bounds, environment);
  }

  get stateBytes(): number {
    return this.#rows.stateBytes;
  }

  get examinedRows(): number {
    return this.#examinedRows + this.#rows.examinedRows;
  }

  get dueMicros(): number | undefined {
    return this.#rows.dueMicros;
  }

  apply([delta]: readonly Delta[], epoch: Epoch): Delta {
    const changed = this.#rows.move(epoch.nowMicros).filter((key) => this.#changes(key));
    const { values, before } = this.#rows;
    const parts: Delta[] = [];
    if (changed.length > 0) {
      const { rows } = this.#rows.rowsWith(changed);
      const keys = this.#rows.keysOf(rows);
      parts.push(negated(this.#marked(rows, keys, before)), this.#marked(rows, keys, values));
    }
    if (delta!.size > 0) {
      this.#examinedRows += delta!.size;
      const keys = this.#rows.keysOf(delta!);
      parts.push(this.#marked(delta!, keys, values));
      this.#rows.add(delta!, keys);
    } else this.#rows.settle();
    const types = this.columns.map((column) => column.type);
    return parts.length === 0 ? emptyDelta(types) : sumOfDeltas(parts, types);
  }

  output(inputs: () => readonly Delta[]): Delta {
    const rows = inputs()[0]!;
    this.#examinedRows += rows.size;
    return this.#marked(rows, this.#rows.keysOf(rows), this.#rows.values);
  }

  #changes(key: number): boolean {
    const { values, before } = this.#rows;
    return this.#bounds.some(({ operator }, i) =>
      holds(operator, key, before[i]!) !== holds(operator, key, values[i]!)
    );
  }

  #marked(delta: Delta, keys: Float64Array, bounds: Float64Array): Delta {
    const nulls = nullsOf(keys, delta.size);
    const marks = this.#bounds.map(({ operator }, i): BooleanVector => {
      const values = new Uint8Array(delta.size);
      const bound = bounds[i]!;
      for (let row = 0; row < delta.size; row++) values[row] = holds(operator, keys[row]!, bound) ? 1 : 0;
      return { kind: "bool", values, nulls };
    });
    return { ...delta, columns: [...delta.columns, ...marks] };
  }
}

function nullsOf(keys: Float64Array, size: number): Uint8Array | null {
  let nulls: Uint8Array | null = null;
  for (let i = 0; i < size; i++) if (Number.isNaN(keys[i]!)) (nulls ??= new Uint8Array(size))[i] = 1;
  return nulls;
}
