/**
 * Adds up JUnit reports and prints the plain line `N passed, N failed`. Exits with 1 when anything failed, or when
 * a run left no report.
 *
 * Arguments: `file:status` for each run, where status is the exit code of the run.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";

let passed = 0;
let failed = 0;
for (const argument of process.argv.slice(2)) {
  const at = argument.lastIndexOf(":");
  const file = argument.slice(0, at);
  const status = Number(argument.slice(at + 1));
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const cases = [...text.matchAll(/<testcase\b[^>]*?(\/>|>([\s\S]*?)<\/testcase>)/g)];
  const bad = cases.filter((match) => /<(failure|error)\b/.test(match[2] ?? "")).length;
  passed += cases.length - bad;
  // A run that failed without a failed case did not get as far as its tests.
  failed += bad === 0 && (status !== 0 || cases.length === 0) ? 1 : bad;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
