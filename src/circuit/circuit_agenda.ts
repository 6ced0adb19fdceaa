/**
 * The agenda of a run: what is still to be visited, by level.
 *
 * A visit may add vertices above its own level, and raise them. O(1) a vertex.
 *
 * @module
 */
import type { Vertex } from "./circuit_vertex.ts";

/** See the module header. */
export class Agenda {
  readonly #levels: Vertex[][] = [];

  /** Notes `vertex`, once. */
  add(vertex: Vertex): void {
    if (vertex.isScheduled) return;
    vertex.isScheduled = true;
    this.#at(vertex.level).push(vertex);
  }

  /** Visits everything, the lowest level first; nothing is left, also after an error. */
  run(visit: (vertex: Vertex) => void): void {
    try {
      for (let level = 0; level < this.#levels.length; level++) {
        const queue = this.#levels[level]!;
        for (let i = 0; i < queue.length; i++) {
          const vertex = queue[i]!;
          if (vertex.level > level) {
            // What it reads was made anew in this run, with more operators.
            this.#at(vertex.level).push(vertex);
            continue;
          }
          vertex.isScheduled = false;
          visit(vertex);
        }
        queue.length = 0;
      }
    } finally {
      for (const queue of this.#levels) {
        for (const vertex of queue) vertex.isScheduled = false;
        queue.length = 0;
      }
    }
  }

  #at(level: number): Vertex[] {
    while (this.#levels.length <= level) this.#levels.push([]);
    return this.#levels[level]!;
  }
}
