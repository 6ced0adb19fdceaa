/**
 * The changes of a view, added up.
 *
 * @module
 */
import type { Change } from "../../src/kernel/hooks.ts";
import type { ViewDatabase } from "./view_trial.ts";

/** The sum of the changes that a subscriber of the view sees. */
export class ChangeReader {
  readonly #controller = new AbortController();
  readonly #sum = new Map<string, number>();
  readonly #done: Promise<void>;

  constructor(db: ViewDatabase) {
    const changes = db.subscribe("maintained", { signal: this.#controller.signal, queueMax: 3 });
    this.#done = this.#read(changes);
  }

  async end(): Promise<ReadonlyMap<string, number>> {
    this.#controller.abort();
    await this.#done;
    return this.#sum;
  }

  async #read(changes: AsyncIterable<Change>): Promise<void> {
    for await (const { inserted, deleted } of changes) {
      for (const row of inserted) add(this.#sum, show(row), 1);
      for (const row of deleted) add(this.#sum, show(row), -1);
    }
  }
}

export function add(counts: Map<string, number>, key: string, weight: number): void {
  const count = (counts.get(key) ?? 0) + weight;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

export function show(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return `${typeof value} ${String(value)}`;
  if (value instanceof Date) return `date ${value.getTime()}`;
  return `{${Object.entries(value).map(([key, part]) => `${key}: ${show(part)}`).join(", ")}}`;
}
