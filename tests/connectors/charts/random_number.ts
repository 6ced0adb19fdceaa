/**
 * Random numbers of the chart tests: seeded, the seed printed, `LIVEVIEW_SEED` replays.
 *
 * @module
 */
import process from "node:process";
import { SeededRandom } from "../../../src/base/random.ts";

/** A generator of its own for the test `name`. */
export function randomFrom(name: string): () => number {
  const seed = Number(process.env["LIVEVIEW_SEED"] ?? Date.now() % 1e9);
  console.log(`${name}: LIVEVIEW_SEED=${seed}`);
  const random = new SeededRandom(seed);
  return () => random.next();
}
