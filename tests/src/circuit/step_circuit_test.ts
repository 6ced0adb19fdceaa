import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { deltaOfRows, rowsOfDelta } from "../../../src/circuit/delta.ts";
import { RenameNode, UnionNode } from "../../../src/circuit/nodes/linear.ts";
import { GivenNode, StepCircuit } from "../../../src/circuit/step_circuit.ts";
import { INTEGER } from "../../../src/storage/sql_type.ts";

const COLUMNS = [{ id: 1, name: "x", type: INTEGER, nullable: false }];
const EPOCH = { nowMicros: 0, tableDelta: () => undefined, valuesOf: () => new Set() };

describe("StepCircuit", () => {
  it("gives in each round what its inputs were told in it", () => {
    const given = new GivenNode(COLUMNS);
    const copy = new RenameNode(given, COLUMNS, [0]);
    const step = new StepCircuit(new UnionNode([given, copy], COLUMNS), [given]);
    const one = deltaOfRows([{ row: [1], weight: 1 }], [INTEGER]);
    assertEquals(rowsOfDelta(step.run([one], EPOCH)), [{ row: [1], weight: 1 }, { row: [1], weight: 1 }]);
    assertEquals(rowsOfDelta(step.run([undefined], EPOCH)), []);
    assertEquals([rowsOfDelta(given.output()), step.stateBytes], [[], 0]);
  });
});
