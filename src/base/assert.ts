/**
 * Assertions that guard against programmer errors; they are never the way to check user input.
 *
 * @module
 */
import { InvariantError } from "./error.ts";

/** Throws {@linkcode InvariantError} when `condition` is false. The message is only built on failure. */
export function assert(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new InvariantError("invariant", typeof message === "string" ? message : message());
}

/** Ends a switch over a union: fails to compile when a member is not handled. */
export function unreachable(value: never): never {
  throw new InvariantError("invariant", `Unexpected variant: received ${JSON.stringify(value)}`);
}
