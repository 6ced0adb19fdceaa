/**
 * Requests to the server: address, credentials, and the errors of answers.
 *
 * @module
 */
import { Backoff, type BackoffOptions, sleep } from "./backoff.ts";
import { ClientError, errorOfResponse, isTransient, noAnswer } from "./client_error.ts";

/** What answers requests: `fetch`, or an app's own in tests and in one process. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** A token, or what gives one: it is asked again when the server refuses the last one. */
export type TokenSource = string | (() => string | Promise<string>);

/** Options of {@linkcode HttpCalls}. */
export interface HttpOptions extends BackoffOptions {
  readonly token?: TokenSource;
  readonly fetch?: Fetch;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Tries of a request that may be repeated; 8 by default. */
  readonly triesMax?: number;
}

/** One request. */
export interface HttpRequest {
  readonly method: "GET" | "POST";
  /** Below `/v1`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

const TRIES_MAX = 8;

/** See the module header. */
export class HttpCalls {
  readonly #base: string;
  readonly #options: HttpOptions;
  #token: string | undefined;

  /** `url` is where the app is mounted: `/v1` comes after it. */
  constructor(url: string | URL, options: HttpOptions) {
    this.#base = String(url).replace(/\/+$/, "");
    this.#options = options;
  }

  /** A wait after failures, as the options say. */
  backoff(): Backoff {
    return new Backoff(this.#options);
  }

  /** Where sockets are opened. */
  socketUrl(): string {
    // In a page an address may be relative to it.
    const url = new URL(`${this.#base}/v1/socket`, globalThis.location?.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return url.href;
  }

  /** The token of now. */
  async token(): Promise<string | undefined> {
    return await this.#currentToken();
  }

  /** Asks for the token anew the next time; false when there is only the one. */
  forgetToken(): boolean {
    this.#token = undefined;
    return typeof this.#options.token === "function";
  }

  /**
   * The successful answer.
   *
   * @throws {ClientError} what the server says, or that it does not answer
   */
  async send(request: HttpRequest): Promise<Response> {
    const response = await this.#sendOnce(request);
    if (response.status !== 401 || typeof this.#options.token !== "function") {
      return await requireSuccess(response);
    }
    await response.body?.cancel();
    this.#token = undefined;
    return await requireSuccess(await this.#sendOnce(request));
  }

  /** As `send`, again and again while that may help: for requests that do the same when they come twice. */
  async sendRepeatedly(request: HttpRequest): Promise<Response> {
    const backoff = this.backoff();
    for (;;) {
      try {
        return await this.send(request);
      } catch (error) {
        if (request.signal?.aborted || !isTransient(error)) throw error;
        const waitMs = backoff.next(error instanceof ClientError ? error.retryAfterMs : 0);
        if (backoff.failures >= (this.#options.triesMax ?? TRIES_MAX)) throw error;
        await sleep(waitMs, request.signal);
      }
    }
  }

  async #sendOnce({ method, path, query, body, headers, signal }: HttpRequest): Promise<Response> {
    const search = query === undefined ? "" : `?${new URLSearchParams(query)}`;
    const url = `${this.#base}/v1${path}${search}`;
    const all = new Headers({ ...this.#options.headers, ...headers });
    const token = await this.#currentToken();
    if (token !== undefined) all.set("authorization", `Bearer ${token}`);
    const request = new Request(url, {
      method,
      headers: all,
      cache: "no-store",
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    try {
      return await (this.#options.fetch ?? ((own: Request) => fetch(own)))(request);
    } catch (cause) {
      if (signal?.aborted) throw aborted(signal.reason);
      throw noAnswer(url, cause);
    }
  }

  async #currentToken(): Promise<string | undefined> {
    const { token } = this.#options;
    if (typeof token !== "function") return token;
    return this.#token ??= await token();
  }
}

/** The caller ended it. */
export function aborted(cause: unknown): ClientError {
  return new ClientError("aborted", "The request was aborted", { status: 0, cause });
}

async function requireSuccess(response: Response): Promise<Response> {
  if (response.ok) return response;
  throw await errorOfResponse(response);
}
