/**
 * Shows the kernels over doubles what they are for, before they see data.
 *
 * V8 compiles a loop for the numbers that it has met. DECIMAL and BIGINT values are whole numbers, often
 * small ones, so a loop over doubles would be compiled for small integers: with conversions and checks at each
 * step, and again once a larger value comes. Measured, that makes a multiplication 5 times slower (2.4
 * against 0.4 ns a row). A few runs over fractions fix it for good. They take about a millisecond, once.
 *
 * @module
 */
import { primeArithmetic } from "./arithmetic.gen.ts";
import { primeComparisons } from "./comparison.gen.ts";
import { divideFloat64, divideFloorFloat64, divideRoundedFloat64 } from "./convert.ts";
import { primeFilters } from "./filter.gen.ts";

/** V8 notes types from about the eighth run of a function on. */
const RUNS = 16;

let primed = false;

/** Runs all kernels over doubles on fractions. Does nothing the second time. */
export function primeKernels(): void {
  if (primed) return;
  primed = true;
  const values = Float64Array.of(0.5, -0.25, 1e300, 0.75);
  const size = values.length;
  const out = new Float64Array(size);
  const bytes = new Uint8Array(size);
  const rows = new Int32Array(size);
  for (let run = 0; run < RUNS; run++) {
    primeArithmetic(values, size, out);
    primeComparisons(values, size, bytes);
    primeFilters(values, size, rows);
    divideFloat64(values, 0.5, size, out);
    divideFloorFloat64(values, 0.5, size, out);
    divideRoundedFloat64(values, 0.5, size, out);
  }
}
