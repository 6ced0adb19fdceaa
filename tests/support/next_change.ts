/**
 * The next change of a subscription that goes on.
 *
 * @module
 */
import { assert } from "@std/assert";
import type { Change } from "../../src/kernel/hooks.ts";

/** The next change; fails when the subscription has ended. */
export async function nextChange(changes: AsyncIterator<Change, unknown, undefined>): Promise<Change> {
  const result = await changes.next();
  assert(result.done !== true, "the subscription has ended");
  return result.value;
}
