/**
 * What every request passes on its way to a route, outermost first: measure, headers, place, rate, principal.
 *
 * A request that fails to authenticate is charged to its address, so that guessing keys has a rate. Upgrades to
 * WebSockets pass without the middlewares that write headers: their answer belongs to the runtime.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { AccessError } from "../../src/base/error.ts";
import type { AppCall, AppContext, AppEnv } from "./app_context.ts";
import type { CorsOptions } from "./app_options.ts";
import { compresses } from "./answer/compression.ts";
import { clientAddress } from "./limits/client_address.ts";
import { RateLimit } from "./limits/rate_limit.ts";
import { ANONYMOUS } from "./route.ts";

type Guard = MiddlewareHandler<AppEnv>;

const COMPRESS_BYTES_MIN = 1024;

/** The guards of an app, in order. */
export function guards(context: AppContext): Guard[] {
  const { options } = context;
  return [
    measured(context),
    unlessUpgrade(secureHeaders({ crossOriginResourcePolicy: options.cors === undefined })),
    ...(options.cors === undefined ? [] : [unlessUpgrade(corsOf(options.cors))]),
    ...(compresses(options) ? [unlessUpgrade(compress({ threshold: COMPRESS_BYTES_MIN }))] : []),
    placed(context),
    identified(context),
  ];
}

function measured({ clock, metrics }: AppContext): Guard {
  return async (c, next) => {
    const start = clock.monotonic();
    await next();
    const route = c.get("route") ?? "other";
    metrics.record({ route, method: methodOf(c), status: c.res.status }, clock.monotonic() - start);
  };
}

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Methods are free text: unknown ones count as one. */
function methodOf(c: AppCall): string {
  return METHODS.has(c.req.method) ? c.req.method : "other";
}

function unlessUpgrade(guard: MiddlewareHandler): Guard {
  return (c, next) => c.req.header("upgrade") === undefined ? guard(c, next) : next();
}

function corsOf({ origin, credentials = false, maxAgeS = 600 }: CorsOptions): MiddlewareHandler {
  return cors({
    origin: typeof origin === "string" ? origin : [...origin],
    credentials,
    maxAge: maxAgeS,
    allowMethods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    allowHeaders: [
      "Authorization",
      "Content-Type",
      "Idempotency-Key",
      "If-None-Match",
      "Last-Event-ID",
      "X-API-Key",
      "X-Tenant",
    ],
    exposeHeaders: ["ETag", "Retry-After", "LiveView-Version", "LiveView-Rows", "Idempotency-Replayed"],
  });
}

function placed({ connections }: AppContext): Guard {
  return async (_, next) => {
    const release = connections.acquire();
    try {
      await next();
    } finally {
      release();
    }
  };
}

function identified({ options, clock, authenticator }: AppContext): Guard {
  const rate = options.rateLimit === undefined ? undefined : new RateLimit(options.rateLimit, clock);
  const address = options.address ?? clientAddress;
  return async (c, next) => {
    const from = rate === undefined ? "" : `address ${address(c.req.raw, c.env) ?? "unknown"}`;
    rate?.check(from);
    try {
      const principal = await authenticator.principalOf(c.req.raw);
      c.set("principal", principal);
      rate?.take(
        principal.subject === ANONYMOUS ? from : `principal ${principal.tenant ?? ""} ${principal.subject}`,
      );
    } catch (error) {
      if (error instanceof AccessError) rate?.take(from);
      throw error;
    }
    await next();
  };
}
