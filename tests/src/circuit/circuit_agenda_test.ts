import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Agenda } from "../../../src/circuit/circuit_agenda.ts";
import type { Vertex } from "../../../src/circuit/circuit_vertex.ts";

function vertex(level: number): Vertex {
  return { level, isScheduled: false };
}

describe("Agenda", () => {
  it("visits each vertex once, the lowest level first, however many there are", () => {
    const agenda = new Agenda();
    const many = Array.from({ length: 1500 }, (_, i) => vertex(i % 2));
    for (const rounds of [1, 2]) {
      for (const one of many) for (let i = 0; i < rounds; i++) agenda.add(one);
      const levels: number[] = [];
      agenda.run((one) => levels.push(one.level));
      assertEquals([levels.length, levels.indexOf(1), levels.lastIndexOf(0)], [1500, 750, 749]);
    }
  });

  it("visits what was raised meanwhile at its new level", () => {
    const agenda = new Agenda();
    const [first, raised] = [vertex(0), vertex(1)];
    agenda.add(raised);
    agenda.add(first);
    const visited: Vertex[] = [];
    agenda.run((one) => {
      visited.push(one);
      if (one === first) raised.level = 3;
    });
    assert(visited[0] === first && visited[1] === raised && visited.length === 2);
  });

  it("is empty after an error", () => {
    const agenda = new Agenda();
    const all = [vertex(0), vertex(0), vertex(2)];
    for (const one of all) agenda.add(one);
    assertThrows(() =>
      agenda.run(() => {
        throw new RangeError("no");
      }), RangeError);
    assertEquals(all.map((one) => one.isScheduled), [false, false, false]);
    agenda.run(() => assert(false, "nothing is left"));
  });
});
