/**
 * The part of @std/assert that the tests use, over node:assert/strict, so that the suite needs no
 * registry besides npm. `deno.json` maps "@std/assert" here; pointing that entry at JSR is all it takes to move.
 *
 * @module
 */
import nodeAssert from "node:assert/strict";

/** Deep, strict equality. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.deepStrictEqual(actual, expected, message);
}

/** The opposite of {@linkcode assertEquals}. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.notDeepStrictEqual(actual, expected, message);
}

/** Identity by `Object.is`. */
export function assertStrictEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.strictEqual(actual, expected, message);
}

/** Truth. */
export function assert(condition: unknown, message?: string): asserts condition {
  nodeAssert.ok(condition, message);
}

/** Equal up to `tolerance`, 1e-7 relative by default. */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number): void {
  const limit = tolerance ?? Math.abs(expected) * 1e-7;
  nodeAssert.ok(
    Math.abs(actual - expected) <= limit,
    `Expected ${actual} to be within ${limit} of ${expected}`,
  );
}

/** `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string): void {
  nodeAssert.ok(
    actual.includes(expected),
    `Expected ${JSON.stringify(actual)} to include ${JSON.stringify(expected)}`,
  );
}

/** `actual` matches `pattern`. */
export function assertMatch(actual: string, pattern: RegExp): void {
  nodeAssert.match(actual, pattern);
}

type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

function checkError<E extends Error>(error: unknown, errorClass?: ErrorClass<E>, includes?: string): E {
  if (errorClass !== undefined && !(error instanceof errorClass)) {
    nodeAssert.fail(
      `Expected ${errorClass.name}: received ${error instanceof Error ? error.stack : String(error)}`,
    );
  }
  if (includes !== undefined) assertStringIncludes((error as Error).message, includes);
  // The class was checked above; without a class any error is what the caller asked for.
  return error as E;
}

/** `run` throws, optionally an `errorClass` whose message includes `includes`; the error is returned. */
export function assertThrows<E extends Error = Error>(
  run: () => unknown,
  errorClass?: ErrorClass<E>,
  includes?: string,
): E {
  try {
    run();
  } catch (error) {
    return checkError(error, errorClass, includes);
  }
  nodeAssert.fail("Expected an error: none was thrown");
}

/** `run` rejects, optionally with an `errorClass` whose message includes `includes`; the error is returned. */
export async function assertRejects<E extends Error = Error>(
  run: () => Promise<unknown>,
  errorClass?: ErrorClass<E>,
  includes?: string,
): Promise<E> {
  try {
    await run();
  } catch (error) {
    return checkError(error, errorClass, includes);
  }
  nodeAssert.fail("Expected a rejection: the promise was fulfilled");
}
