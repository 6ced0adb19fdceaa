/**
 * Recursive queries whose step is linear in the recursion: it reads its rows once, by filters, projections and joins.
 *
 * UNION ALL. The rows are T = base + step(T), and a change of them is pushed through the step until nothing is left:
 *
 * ```
 * d0 = change of base + step over changed inputs,  d1 = step(d0),  d2 = step(d1), ...
 * ```
 *
 * UNION. A row is there as long as it is derived, but not from itself alone. The step's circuit counts derivations;
 * a change is brought in by delete and rederive (Gupta, Mumick, Subrahmanian, "Maintaining Views Incrementally",
 * SIGMOD 1993):
 *
 * ```
 * 1  input rows that go: every row that loses a derivation goes too, and what is derived from it
 * 2  input rows that come, and of the rows that went those that still have a derivation: semi-naive, as at first
 * ```
 *
 * What changes costs its derivations; deleting many rows costs at most their number twice.
 *
 * @module
 */
import { LimitError } from "../../base/error.ts";
import { grownInt32, grownUint8 } from "../../exec/aggregates/accumulator.ts";
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { hasForms } from "../../query/functions/identity.ts";
import type { ColumnId, FixpointPlan, JoinKind, Plan, PlanColumn, Scalar } from "../../query/plan.ts";
import { mapChildren, planNodes, planScalars } from "../../query/plan_walk.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import { givenInput } from "../batch_template.ts";
import type { CircuitNode, Epoch } from "../circuit_node.ts";
import { consolidated, type Delta, selectDelta } from "../delta.ts";
import { RowTable } from "../rows/row_table.ts";
import { GivenNode, StepCircuit } from "../step_circuit.ts";

const ROUNDS_MAX = 1_000_000;
/** Rounds after which the memory is looked at. */
const MEMORY_ROUNDS = 64;

/** What compiles the parts of a recursive query. */
export interface FixpointCompiler {
  readonly execution: ExecutionEnvironment;
  /** Most rounds of one change; by default as many as in a query. */
  readonly roundsMax?: number;
  isDeterministic(scalar: Scalar): boolean;
  /** A part outside the recursion. */
  compile(plan: Plan): CircuitNode;
  /** The step, over nodes by the number of the common table by which they are read; without tables. */
  compileStep(plan: Plan, given: ReadonlyMap<number, CircuitNode>): CircuitNode;
}

/** The node of a recursive query, undefined when its step is not linear or equal rows may look different. */
export function fixpointNode(plan: FixpointPlan, compiler: FixpointCompiler): CircuitNode | undefined {
  if (!isLinear(plan.step, plan, compiler)) return undefined;
  if (!plan.all && plan.columns.some((column) => hasForms(column.type))) return undefined;
  const recursion = new GivenNode(plan.columns);
  const given = new Map<number, CircuitNode>([[plan.cte, recursion]]);
  const outside: CircuitNode[] = [];
  const told: GivenNode[] = [recursion];
  const replace = (node: Plan): Plan => {
    if (reads(node, plan.cte)) return mapChildren(node, replace);
    const input = compiler.compile(node);
    const scan = givenInput(outside.length, input.columns);
    outside.push(input);
    told.push(new GivenNode(input.columns));
    given.set(scan.cte, told.at(-1)!);
    return scan;
  };
  const output = compiler.compileStep(replace(plan.step), given);
  const base = compiler.compile(plan.base);
  const parts = {
    plan,
    inputs: [base, ...outside],
    basePositions: positionsOf(base, plan.baseColumns),
    stepPositions: positionsOf(output, plan.stepColumns),
    step: new StepCircuit(output, told),
    roundsMax: compiler.roundsMax ?? ROUNDS_MAX,
    memoryBytesMax: compiler.execution.limits.memoryBytesMax,
  };
  return plan.all ? new RecursiveBagNode(parts) : new RecursiveSetNode(parts);
}

function positionsOf(node: CircuitNode, ids: readonly ColumnId[]): readonly number[] {
  return ids.map((id) => node.columns.findIndex((column) => column.id === id));
}

function reads(plan: Plan, cte: number): boolean {
  for (const node of planNodes(plan)) if (node.kind === "cteScan" && node.cte === cte) return true;
  return false;
}

/** Whether the step of two sets of rows is that of each, and rows that come to its other inputs take none away. */
function isLinear(step: Plan, recursion: FixpointPlan, compiler: FixpointCompiler): boolean {
  if (!reads(step, recursion.cte)) return true;
  if (!planScalars(step).every((scalar) => compiler.isDeterministic(scalar))) return false;
  const within = (plan: Plan): boolean => isLinear(plan, recursion, compiler);
  switch (step.kind) {
    case "cteScan":
      return true;
    case "filter":
    case "project":
    case "sort":
    case "tableFunction":
      return within(step.input);
    case "setOperation":
      return step.operator === "union" && step.all && within(step.left) && within(step.right);
    case "join": {
      if (step.lateral) return false;
      const onRight = reads(step.right, recursion.cte);
      if (onRight && reads(step.left, recursion.cte)) return false;
      return keepsSums(step.join, onRight, recursion.all) && within(step.left) && within(step.right);
    }
    default:
      return false;
  }
}

/** Whether a join is linear in the side that reads the recursion. */
function keepsSums(join: JoinKind, onRight: boolean, isBag: boolean): boolean {
  if (join === "inner") return true;
  if (join === "semi") return !onRight;
  // Over a bag rows that come to the other side may take some away: what is left is a sum.
  if (join === "left" || join === "anti") return isBag && !onRight;
  return join === "right" && isBag && onRight;
}

/** What both kinds of recursion are made of. */
interface RecursionParts {
  readonly plan: FixpointPlan;
  /** The base, and then what the step reads. */
  readonly inputs: readonly CircuitNode[];
  readonly basePositions: readonly number[];
  readonly stepPositions: readonly number[];
  readonly step: StepCircuit;
  readonly roundsMax: number;
  readonly memoryBytesMax: number;
}

/** What both kinds of recursion have in common: rows with weights, and those that the epoch touches. */
abstract class RecursiveNode implements CircuitNode {
  readonly name = "recursion";
  readonly inputs: readonly CircuitNode[];
  readonly columns: readonly PlanColumn[];
  protected readonly types: readonly SqlType[];
  protected readonly rows: RowTable;
  readonly #parts: RecursionParts;
  /** Rows that the epoch touches, with their copies in the output before it. */
  protected touched: Int32Array = new Int32Array(16);
  protected touchedCount = 0;
  #before: Int32Array = new Int32Array(16);
  /** By row: the epoch that touched it last. */
  #epochs: Int32Array = new Int32Array(64);
  #epochNumber = 0;
  #rounds = 0;
  #countedRows = 0;

  constructor(parts: RecursionParts) {
    this.#parts = parts;
    this.inputs = parts.inputs;
    this.columns = parts.plan.columns;
    this.types = this.columns.map((column) => column.type);
    this.rows = new RowTable(this.types);
  }

  get stateBytes(): number {
    return this.rows.stateBytes + this.#parts.step.stateBytes + this.touched.byteLength +
      this.#before.byteLength + this.#epochs.byteLength;
  }

  get examinedRows(): number {
    return this.#countedRows + this.#parts.step.examinedRows;
  }

  apply(deltas: readonly Delta[], epoch: Epoch): Delta {
    this.touchedCount = 0;
    this.#epochNumber++;
    this.#rounds = 0;
    this.change(deltas, epoch);
    const change = this.#takeChange();
    if (this.rows.isSparse) {
      this.rows.keep(this.rows.liveRows());
      this.#epochs = new Int32Array(Math.max(64, this.rows.count));
      this.renumbered();
    }
    return change;
  }

  output(): Delta {
    const live = this.rows.liveRows();
    const weights = live.map((row) => this.copiesOf(row));
    return { size: live.length, columns: this.rows.rowsAt(live, live.length), weights };
  }

  /** Brings in the changes of the inputs. */
  protected abstract change(deltas: readonly Delta[], epoch: Epoch): void;
  /** How often a row is in the output. */
  protected abstract copiesOf(row: number): number;
  /** Numbers rows anew: those that are there count from 0. */
  protected abstract renumbered(): void;
  /** Room for new rows. */
  protected abstract reserve(rowCount: number): void;
  /** A row of weight `weight` was counted; it is touched. */
  protected abstract counted(row: number, weight: number): void;

  /** Counts the rows of the base. */
  protected countBase(delta: Delta): void {
    this.#count(delta, this.#parts.basePositions);
  }

  /** Runs the step over a change of the recursion's rows and of the inputs after the base, and counts its rows. */
  protected round(rows: Delta | undefined, others: readonly Delta[], epoch: Epoch): void {
    this.#checkLimits();
    this.#count(this.#parts.step.run([rows, ...others], epoch), this.#parts.stepPositions);
  }

  /** Rows by number, with one weight. */
  protected rowsOf(ids: Int32Array, weight: number): Delta {
    const size = ids.length;
    return { size, columns: this.rows.rowsAt(ids, size), weights: new Int32Array(size).fill(weight) };
  }

  #count(delta: Delta, positions: readonly number[]): void {
    const { size, columns, weights } = delta;
    if (size === 0) return;
    this.#countedRows += size;
    const { rows } = this;
    rows.assign(positions.map((position) => columns[position]!), size);
    this.#epochs = grownInt32(this.#epochs, rows.count);
    this.reserve(rows.count);
    for (let i = 0; i < size; i++) this.#touch(rows.ids[i]!);
    rows.add(weights, size);
    for (let i = 0; i < size; i++) this.counted(rows.ids[i]!, weights[i]!);
  }

  #touch(row: number): void {
    if (this.#epochs[row] === this.#epochNumber) return;
    this.#epochs[row] = this.#epochNumber;
    const at = this.touchedCount++;
    this.touched = grownInt32(this.touched, at + 1);
    this.#before = grownInt32(this.#before, at + 1);
    this.touched[at] = row;
    this.#before[at] = this.copiesOf(row);
  }

  #takeChange(): Delta {
    const changed = new Int32Array(this.touchedCount);
    const weights = new Int32Array(this.touchedCount);
    let size = 0;
    for (let i = 0; i < this.touchedCount; i++) {
      const row = this.touched[i]!;
      changed[size] = row;
      weights[size] = this.copiesOf(row) - this.#before[i]!;
      size += Number(weights[size] !== 0);
    }
    return { size, columns: this.rows.rowsAt(changed, size), weights };
  }

  #checkLimits(): void {
    const { roundsMax, memoryBytesMax } = this.#parts;
    if (++this.#rounds > roundsMax) {
      throw new LimitError("depth-limit", `Recursive common table did not end after ${roundsMax} rounds`, {
        details: { limit: roundsMax, actual: this.#rounds },
        hint: "bound the recursion by a condition, or use UNION instead of UNION ALL",
      });
    }
    if (this.#rounds % MEMORY_ROUNDS !== 0 || this.stateBytes <= memoryBytesMax) return;
    throw new LimitError(
      "memory-limit",
      `Recursive common table needs more memory than allowed: it holds ${this.stateBytes} bytes and the limit is ${memoryBytesMax}`,
      {
        details: { limit: memoryBytesMax, actual: this.stateBytes },
        hint: "bound the recursion by a condition, or raise queryBytesMax",
      },
    );
  }
}

/** UNION ALL: weights of rows are their copies. */
class RecursiveBagNode extends RecursiveNode {
  /** By row: copies that the step has not seen. */
  #unseen: Int32Array = new Int32Array(64);
  #fresh: number[] = [];

  override get stateBytes(): number {
    return super.stateBytes + this.#unseen.byteLength;
  }

  protected override change([base, ...others]: readonly Delta[], epoch: Epoch): void {
    this.countBase(base!);
    this.round(undefined, others, epoch);
    for (let rows = this.#takeUnseen(); rows.size > 0; rows = this.#takeUnseen()) this.round(rows, [], epoch);
  }

  protected override copiesOf(row: number): number {
    return this.rows.weights[row]!;
  }

  protected override renumbered(): void {
    this.#unseen = new Int32Array(Math.max(64, this.rows.count));
  }

  protected override reserve(rowCount: number): void {
    this.#unseen = grownInt32(this.#unseen, rowCount);
  }

  protected override counted(row: number, weight: number): void {
    if (this.#unseen[row] === 0) this.#fresh.push(row);
    this.#unseen[row]! += weight;
  }

  #takeUnseen(): Delta {
    const ids = Int32Array.from(this.#fresh);
    const weights = ids.map((row) => {
      const weight = this.#unseen[row]!;
      this.#unseen[row] = 0;
      return weight;
    });
    this.#fresh = [];
    const kept = ids.filter((_, i) => weights[i] !== 0);
    return {
      size: kept.length,
      columns: this.rows.rowsAt(kept, kept.length),
      weights: weights.filter((weight) => weight !== 0),
    };
  }
}

/** UNION: weights of rows are their derivations; those that are there are members. */
class RecursiveSetNode extends RecursiveNode {
  #members: Uint8Array = new Uint8Array(64);
  #isDeleting = false;
  /** Rows that have become members, or are none any more, which the step has not seen. */
  #fresh: number[] = [];

  override get stateBytes(): number {
    return super.stateBytes + this.#members.byteLength;
  }

  protected override change(deltas: readonly Delta[], epoch: Epoch): void {
    const changes = deltas.map((delta, i) => consolidatedIfMixed(delta, this.inputs[i]!.columns));
    this.#isDeleting = true;
    this.#bring(changes.map((delta) => withSign(delta, -1)), -1, epoch);
    this.#isDeleting = false;
    for (let i = 0; i < this.touchedCount; i++) this.counted(this.touched[i]!, 0);
    this.#bring(changes.map((delta) => withSign(delta, 1)), 1, epoch);
  }

  protected override copiesOf(row: number): number {
    return this.#members[row]!;
  }

  protected override renumbered(): void {
    this.#members = new Uint8Array(Math.max(64, this.rows.count)).fill(1, 0, this.rows.count);
  }

  protected override reserve(rowCount: number): void {
    this.#members = grownUint8(this.#members, rowCount);
  }

  protected override counted(row: number, weight: number): void {
    const leaves = this.#isDeleting && weight < 0 && this.#members[row] === 1;
    const comes = !this.#isDeleting && this.rows.weights[row]! > 0 && this.#members[row] === 0;
    if (!leaves && !comes) return;
    this.#members[row] = comes ? 1 : 0;
    this.#fresh.push(row);
  }

  #bring([base, ...others]: readonly Delta[], weight: 1 | -1, epoch: Epoch): void {
    this.countBase(base!);
    if (others.some(({ size }) => size > 0)) this.round(undefined, others, epoch);
    while (this.#fresh.length > 0) {
      const rows = this.rowsOf(Int32Array.from(this.#fresh), weight);
      this.#fresh = [];
      this.round(rows, [], epoch);
    }
  }
}

function consolidatedIfMixed(delta: Delta, columns: readonly PlanColumn[]): Delta {
  const types = columns.map((column) => column.type);
  return signOf(delta) === 0 && delta.size > 0 ? consolidated(delta, types) : delta;
}

/** The sign that all weights have, 0 when they differ. */
function signOf({ size, weights }: Delta): number {
  const sign = Math.sign(weights[0] ?? 0);
  for (let i = 1; i < size; i++) if (weights[i]! * sign <= 0) return 0;
  return sign;
}

/** The rows of one sign. */
function withSign(delta: Delta, sign: 1 | -1): Delta {
  if (delta.size === 0 || signOf(delta) === sign) return delta;
  const rows = new Int32Array(delta.size);
  let count = 0;
  for (let i = 0; i < delta.size; i++) if (delta.weights[i]! * sign > 0) rows[count++] = i;
  return selectDelta(delta, rows, count);
}
