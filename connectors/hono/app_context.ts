/**
 * What all routes share: the database, the options with their defaults, and who asks.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import type { Database } from "../../src/kernel/database.ts";
import type { Plugin } from "../../src/kernel/plugin.ts";
import { type Principal, principalKey } from "../../src/kernel/principal.ts";
import { QueryContext, type QueryOptions } from "../../src/kernel/query_context.ts";
import { Authenticator } from "./auth/authenticator.ts";
import { ConnectionLimit } from "./limits/connection_limit.ts";
import { HttpMetrics } from "./http_metrics.ts";
import { DEFAULT_HTTP_LIMITS, type HttpLimits, type LiveviewAppOptions } from "./app_options.ts";
import { DEFAULT_LIVE_LIMITS, type LiveLimits } from "./live/live_limits.ts";
import type { RouteDocument } from "./route.ts";

/** A database with any plugins. */
export type AppDatabase = Database<readonly Plugin[]>;

/** What Hono carries with a request. */
export interface AppEnv {
  /** Set before a route runs. */
  Variables: {
    /** Who asks; set for every route, for anonymous callers too. */
    principal: Principal;
    /** The pattern of the route that answers, for metrics. */
    route: string;
  };
}

/** The app, and the router that routes are added to. */
export type LiveviewHono = Hono<AppEnv>;

/** A request as a route sees it. */
export type AppCall = Context<AppEnv>;

/** See the module header. */
export class AppContext {
  /** The database that is served. */
  readonly db: AppDatabase;
  /** As given. */
  readonly options: LiveviewAppOptions;
  /** The time of tokens, limits and heartbeats. */
  readonly clock: Clock;
  /** With defaults. */
  readonly limits: HttpLimits;
  /** Of live streams and sockets, with defaults. */
  readonly live: LiveLimits;
  /** What is open now: subscriptions of streams and sockets together, and sockets. */
  readonly liveCounts = { streams: 0, sockets: 0 };
  /** Every route that was added, in order: for the OpenAPI document, 405 and suggestions. */
  readonly routes: RouteDocument[] = [];
  /** What `/metrics` shows of the adapter; a route adds its own with `addSource`. */
  readonly metrics: HttpMetrics = new HttpMetrics();
  /** Tells who asks. */
  readonly authenticator: Authenticator;
  /** Requests under way; a stream that outlives its handler acquires a place of its own and gives it back. */
  readonly connections: ConnectionLimit;
  #instance: string | undefined;

  /** Reads no clock and no randomness: edge runtimes forbid both before the first request. */
  constructor(db: AppDatabase, options: LiveviewAppOptions) {
    this.db = db;
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
    this.live = { ...DEFAULT_LIVE_LIMITS, ...options.live };
    const roles = options.anonymous === "none" ? [] : [options.anonymous ?? "read"];
    this.authenticator = new Authenticator(options.authentication ?? {}, roles, this.clock);
    this.connections = new ConnectionLimit(this.limits.connectionsMax);
    this.#instance = options.instance;
  }

  /** Names this database among those that had other versions of the same numbers. */
  get instance(): string {
    return this.#instance ??= crypto.randomUUID().slice(0, 8);
  }

  /** `<instance>.<version>`: ids of events and parts of ETags. */
  stamp(version: number): string {
    return `${this.instance}.${version}`;
  }

  /** The version of a stamp of this instance; `undefined` for those of others and for anything else. */
  versionOf(stamp: string): number | undefined {
    const [instance, digits] = stamp.split(".");
    return instance === this.instance && digits !== undefined && /^\d{1,15}$/.test(digits)
      ? Number(digits)
      : undefined;
  }

  /** Options of a statement that reads and runs for `c`: its principal, its tenant, and the signal of its connection. */
  queryOptions(c: AppCall): QueryOptions {
    return this.optionsOf(c.get("principal"), c.req.raw.signal);
  }

  /** Options of a statement that reads and runs for `principal`. */
  optionsOf(principal: Principal, signal: AbortSignal): QueryOptions {
    return {
      context: new QueryContext().with(principalKey, principal),
      signal,
      deadlineMs: this.limits.deadlineMsMax,
      readOnly: true,
      ...(principal.tenant === undefined ? {} : { tenant: principal.tenant }),
    };
  }
}
