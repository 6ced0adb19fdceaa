/**
 * The agenda of a run: what is still to be visited, by level.
 *
 * A visit may add vertices above its own level, and raise them. O(1) a vertex.
 *
 * @module
 */
import type { Vertex } from "./circuit_vertex.ts";

/** Longer queues are not kept for the next run. */
const KEPT_LENGTH = 1024;

/** The vertices of a level; its array is used again, for an empty one would have to grow each time. */
interface Queue {
  vertices: (Vertex | undefined)[];
  count: number;
}

/** See the module header. */
export class Agenda {
  readonly #levels: Queue[] = [];

  /** Notes `vertex`, once. */
  add(vertex: Vertex): void {
    if (vertex.isScheduled) return;
    vertex.isScheduled = true;
    this.#put(vertex);
  }

  /** Visits everything, the lowest level first; nothing is left, also after an error. */
  run(visit: (vertex: Vertex) => void): void {
    try {
      for (let level = 0; level < this.#levels.length; level++) {
        const queue = this.#levels[level]!;
        for (let i = 0; i < queue.count; i++) {
          const vertex = queue.vertices[i]!;
          if (vertex.level > level) {
            // What it reads was made anew in this run, with more operators.
            this.#put(vertex);
            continue;
          }
          vertex.isScheduled = false;
          visit(vertex);
        }
        empty(queue);
      }
    } catch (error) {
      for (const queue of this.#levels) {
        for (let i = 0; i < queue.count; i++) queue.vertices[i]!.isScheduled = false;
        empty(queue);
      }
      throw error;
    }
  }

  #put(vertex: Vertex): void {
    while (this.#levels.length <= vertex.level) this.#levels.push({ vertices: [], count: 0 });
    const queue = this.#levels[vertex.level]!;
    queue.vertices[queue.count++] = vertex;
  }
}

function empty(queue: Queue): void {
  if (queue.vertices.length > KEPT_LENGTH) queue.vertices = [];
  else for (let i = 0; i < queue.count; i++) queue.vertices[i] = undefined;
  queue.count = 0;
}
