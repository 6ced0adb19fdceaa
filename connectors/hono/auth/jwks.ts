/**
 * Public keys by URL (JWKS, RFC 7517), kept for a while.
 *
 * A token that names an unknown key makes the set be fetched again, once a minute at most: rotated keys are found,
 * and invented names cause no flood. When fetching fails, the keys at hand stay in use. One fetch at a time.
 *
 * @module
 */
import type { Clock } from "../../../src/base/clock.ts";
import { AccessError, LiveViewError } from "../../../src/base/error.ts";
import type { JwtAlgorithm, JwtKey } from "./jwt.ts";

/** Where keys are fetched. */
export interface JwksOptions {
  /** `https://issuer/.well-known/jwks.json`. */
  readonly url: string;
  /** Algorithms that keys of the set may be for; RS256 by default, never one with a shared secret. */
  readonly algorithms?: readonly Exclude<JwtAlgorithm, "HS256" | "HS384" | "HS512">[];
  /** Milliseconds for which keys are kept; 10 minutes by default. */
  readonly cacheMs?: number;
  /** That of the runtime by default. */
  readonly fetch?: (url: string) => Promise<Response>;
}

const CACHE_MS = 600_000;
const REFETCH_MS = 60_000;
const KEYS_MAX = 100;

/** See the module header. */
export class JwksKeys {
  readonly #options: JwksOptions;
  readonly #clock: Clock;
  #keys: readonly JwtKey[] = [];
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #fetching: Promise<void> | undefined;

  constructor(options: JwksOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** The keys that a token which names `kid` may be signed with. */
  async keysFor(kid: string | undefined): Promise<readonly JwtKey[]> {
    const now = this.#clock.monotonic();
    const isOld = now - this.#fetchedAt >= (this.#options.cacheMs ?? CACHE_MS);
    const isKnown = kid === undefined || this.#keys.some((key) => key.kid === kid);
    if ((isOld || !isKnown) && (now - this.#triedAt >= REFETCH_MS || this.#fetching !== undefined)) {
      this.#triedAt = now;
      await (this.#fetching ??= this.#fetch().finally(() => this.#fetching = undefined));
    }
    return this.#keys;
  }

  async #fetch(): Promise<void> {
    try {
      const response = await (this.#options.fetch ?? fetch)(this.#options.url);
      if (!response.ok) throw unavailable(`status ${response.status}`);
      this.#keys = keysOf(await response.json(), this.#options.algorithms ?? ["RS256"]);
      this.#fetchedAt = this.#clock.monotonic();
    } catch (cause) {
      if (this.#keys.length === 0) throw unavailable(cause);
    }
  }
}

function keysOf(set: unknown, algorithms: readonly JwtAlgorithm[]): readonly JwtKey[] {
  if (typeof set !== "object" || set === null || !("keys" in set) || !Array.isArray(set.keys)) return [];
  return set.keys.slice(0, KEYS_MAX).flatMap((key: unknown): JwtKey[] => {
    if (typeof key !== "object" || key === null) return [];
    // Members of a JWK are checked by the import of the key.
    const jwk = key as JsonWebKey & { readonly kid?: string };
    if (jwk.kty === "oct" || (jwk.use !== undefined && jwk.use !== "sig")) return [];
    return algorithms
      .filter((algorithm) =>
        (jwk.alg === undefined || jwk.alg === algorithm) && familyOf(algorithm) === jwk.kty
      )
      .map((algorithm) => ({ algorithm, key: jwk, ...(jwk.kid === undefined ? {} : { kid: jwk.kid }) }));
  });
}

function familyOf(algorithm: JwtAlgorithm): string {
  return algorithm.startsWith("RS") ? "RSA" : algorithm.startsWith("ES") ? "EC" : "OKP";
}

function unavailable(cause: unknown): LiveViewError {
  return new AccessError(
    "unauthenticated",
    "The token cannot be checked: the keys of its issuer are not available",
    {
      details: { reason: cause instanceof LiveViewError ? cause.message : String(cause) },
      hint: "try again later",
    },
  );
}
