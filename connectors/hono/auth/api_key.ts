/**
 * API keys: kept as SHA-256, compared in constant time.
 *
 * All keys are looked at for every request, whether or not an earlier one fits, so that the time tells nothing.
 *
 * @module
 */
import type { Principal } from "../../../src/kernel/principal.ts";

/** A key and who holds it. */
export interface ApiKey {
  /** SHA-256 of the key, in hexadecimal: `printf %s "$KEY" | sha256sum`. */
  readonly sha256: string;
  /** Who holds the key. */
  readonly principal: Principal;
}

/** SHA-256 of `text` in hexadecimal, as `ApiKey.sha256` wants it. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Who holds `key`; `undefined` for nobody. */
export async function holderOf(key: string, keys: readonly ApiKey[]): Promise<Principal | undefined> {
  const hash = await sha256Hex(key);
  let holder: Principal | undefined;
  for (const candidate of keys) {
    if (equalHashes(hash, candidate.sha256.toLowerCase())) holder = candidate.principal;
  }
  return holder;
}

/** Looks at every character. */
function equalHashes(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ (b.charCodeAt(i) | 0);
  return difference === 0;
}
