/**
 * Webhooks: every change of a view as a signed POST to somebody else's URL.
 *
 * ```
 * view ─ subscription (merges what waits) ─► one request at a time ─► 2xx: next
 *                                                    └─ else: again, later and later ─► given up: onFailure
 * ```
 *
 * Requests have the headers and the signature of the Standard Webhooks specification
 * (https://www.standardwebhooks.com, version 1.0.0), so that receivers check them with a library. Delivery is at
 * least once and in order; `webhook-id` tells repetitions. While a receiver is down changes are merged: it
 * misses states in between and never the last one, and memory stays bounded.
 *
 * @module
 */
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { LiveViewError, QueryError } from "../../src/base/error.ts";
import type { Database } from "../../src/kernel/database.ts";
import type { Change } from "../../src/kernel/hooks.ts";
import type { Plugin } from "../../src/kernel/plugin.ts";

/** Where changes go, and how. */
export interface WebhookOptions {
  /** `https:` or, for tests, `http:`. */
  readonly url: string;
  /** Signs every request: at least 16 bytes, as text or as `whsec_` with base64. */
  readonly secret: string;
  /** Begin with the contents; false by default. */
  readonly snapshot?: boolean;
  /** Milliseconds for which changes are merged into one request; 0 by default. */
  readonly coalesceMs?: number;
  /** Tries of one request before the webhook ends; 8 by default: 2 minutes with the default wait. */
  readonly triesMax?: number;
  /** Milliseconds before the second try, doubled with each; 1 s by default, and 60 s at most. */
  readonly retryMs?: number;
  /** Milliseconds that one request may take; 10 s by default. */
  readonly timeoutMs?: number;
  /** Ends the webhook. */
  readonly signal?: AbortSignal;
  /** The platform's by default. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** The machine's clock by default. */
  readonly clock?: Clock;
}

/** What the receiver gets as JSON. */
export interface WebhookBody {
  /** `snapshot` or `change`. */
  readonly type: "snapshot" | "change";
  readonly view: string;
  readonly version: number;
  readonly inserted: Change["inserted"];
  readonly deleted: Change["deleted"];
}

const TRIES_MAX = 8;
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 60_000;
const TIMEOUT_MS = 10_000;
const SECRET_BYTES_MIN = 16;

/**
 * Sends the changes of a view until the signal, the end of the view, or a receiver that does not take them.
 * Resolves at the end.
 *
 * @throws {QueryError} `invalid-parameter` for the URL or the secret
 * @throws {LiveViewError} `deadline-exceeded` when the receiver did not take a change
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { createDatabase, materializedViews } from "../../mod.ts";
 * import { sendChanges } from "./webhook.ts";
 *
 * await using db = createDatabase({ plugins: [materializedViews()] });
 * await db.exec("CREATE TABLE t (v INTEGER); CREATE MATERIALIZED VIEW big AS SELECT v FROM t WHERE v > 100");
 * const stop = new AbortController();
 * const received: string[] = [];
 * const fetch = async (request: Request) => {
 *   received.push(await request.text());
 *   stop.abort();
 *   return new Response();
 * };
 * const sending = sendChanges(db, "big", {
 *   url: "https://example.org/alerts",
 *   secret: "a secret of the receiver",
 *   signal: stop.signal,
 *   fetch,
 * });
 * await db.insert("t", [{ v: 101 }]);
 * await sending;
 * assert(JSON.parse(received[0]!).inserted[0].v === 101);
 * ```
 */
export async function sendChanges(
  db: Database<readonly Plugin[]>,
  view: string,
  options: WebhookOptions,
): Promise<void> {
  const url = requireUrl(options.url);
  const secret = requireSecret(options.secret);
  // Before the first await: a change that is committed after this call is sent.
  const changes = db.subscribe(view, {
    snapshot: options.snapshot ?? false,
    ...(options.coalesceMs === undefined ? {} : { coalesceMs: options.coalesceMs }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const sender = new Sender(await signerOf(secret), url, options);
  for await (const { version, snapshot, inserted, deleted } of changes) {
    const body: WebhookBody = { type: snapshot ? "snapshot" : "change", view, version, inserted, deleted };
    if (!await sender.send(`${view}.${version}`, JSON.stringify(body, jsonValue))) return;
  }
}

/** BIGINT beyond a double as text, as everywhere on the wire. */
function jsonValue(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

type Signer = (text: string) => Promise<string>;

/** One request after the other. */
class Sender {
  readonly #sign: Signer;
  readonly #url: string;
  readonly #options: WebhookOptions;
  readonly #clock: Clock;

  constructor(sign: Signer, url: string, options: WebhookOptions) {
    this.#sign = sign;
    this.#url = url;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** False when the signal ended it. */
  async send(id: string, body: string): Promise<boolean> {
    const { triesMax = TRIES_MAX, retryMs = RETRY_MS, signal } = this.#options;
    for (let attempt = 1;; attempt++) {
      const failure = await this.#try(id, body);
      if (failure === undefined) return true;
      if (signal?.aborted) return false;
      if (attempt >= triesMax) throw givenUp(this.#url, attempt, failure);
      await pause(Math.min(retryMs * 2 ** (attempt - 1), RETRY_MS_MAX), signal);
      if (signal?.aborted) return false;
    }
  }

  /** What went wrong; undefined when the receiver has it. */
  async #try(id: string, body: string): Promise<unknown> {
    const { fetch = globalThis.fetch, timeoutMs = TIMEOUT_MS, signal } = this.#options;
    // A repetition has a time of its own: receivers refuse old ones.
    const timestamp = String(Math.floor(this.#clock.now() / 1000));
    const headers = {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${await this.#sign(`${id}.${timestamp}.${body}`)}`,
    };
    const ending = AbortSignal.any([
      AbortSignal.timeout(timeoutMs),
      ...(signal === undefined ? [] : [signal]),
    ]);
    try {
      // A redirect would take the signed change to somebody else.
      const request = new Request(this.#url, {
        method: "POST",
        headers,
        body,
        redirect: "manual",
        signal: ending,
      });
      const response = await fetch(request);
      await response.body?.cancel();
      return response.ok ? undefined : `the receiver answered ${response.status}`;
    } catch (error) {
      return error;
    }
  }
}

async function signerOf(secret: Uint8Array<ArrayBuffer>): Promise<Signer> {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return async (text) => {
    const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text)));
    return btoa(String.fromCharCode(...signature));
  };
}

function requireSecret(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = secretBytes(secret);
  if (bytes.length >= SECRET_BYTES_MIN) return bytes;
  throw new QueryError("invalid-parameter", `A webhook's secret has ${bytes.length} bytes`, {
    details: { bytes: bytes.length, limit: SECRET_BYTES_MIN },
    hint: `use at least ${SECRET_BYTES_MIN} random bytes`,
  });
}

function secretBytes(secret: string): Uint8Array<ArrayBuffer> {
  const prefix = "whsec_";
  if (!secret.startsWith(prefix)) return new TextEncoder().encode(secret);
  try {
    return Uint8Array.from(atob(secret.slice(prefix.length)), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw new QueryError(
      "invalid-parameter",
      "A webhook's secret that begins with whsec_ is base64 after it",
      {
        hint: "copy it whole, or give the secret as plain text",
        cause,
      },
    );
  }
}

function requireUrl(text: string): string {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === "https:" || url.protocol === "http:")) return url.href;
  throw new QueryError("invalid-parameter", `A webhook cannot be sent to ${JSON.stringify(text)}`, {
    details: { url: text },
    hint: "give an absolute https: URL",
  });
}

function givenUp(url: string, tries: number, cause: unknown): LiveViewError {
  return new LiveViewError("deadline-exceeded", `The webhook ${url} took no change in ${tries} tries`, {
    details: { url, tries, failure: String(cause) },
    hint: "start it again with snapshot: true when the receiver is back",
    cause,
  });
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end, { once: true });
    function end() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    }
  });
}
