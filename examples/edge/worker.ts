/**
 * A worker that serves databases under `/<name>/v1/...`: each lives in a Durable Object of that name.
 *
 * Configuration of the worker: the binding `DATABASES` of class `LiveDatabase` with SQLite storage; the variable
 * `ANONYMOUS` says what callers may do (`none`, `read`, `write`, `admin`; `read` by default).
 *
 * @module
 */
import { liveviewApp } from "../../connectors/hono/app.ts";
import type { Access } from "../../connectors/hono/app_options.ts";
import { DatabaseObject, type ObjectStorage } from "./database_object.ts";
import { HibernatingSockets, type ObjectSocket, type SocketState } from "./hibernating_sockets.ts";

/** What the runtime gives a Durable Object. */
interface ObjectState extends SocketState {
  readonly storage: ObjectStorage;
  /** Holds events back until `run` is done. */
  blockConcurrencyWhile<Result>(run: () => Promise<Result>): Promise<Result>;
}

/** Bindings and variables of the worker. */
interface Environment {
  readonly ANONYMOUS?: "none" | Exclude<Access, "public">;
  readonly DATABASES: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(request: Request): Promise<Response> };
  };
}

/** A database in the process of an object: what requests, messages and alarms meet. */
interface Served {
  readonly object: DatabaseObject;
  readonly sockets: HibernatingSockets;
  readonly app: { fetch(request: Request): Response | Promise<Response> };
}

/** The Durable Object: one database. */
export class LiveDatabase {
  readonly #served: Promise<Served>;

  constructor(state: ObjectState, environment: Environment) {
    this.#served = state.blockConcurrencyWhile(() => open(state, environment));
  }

  /** A request below the name of the database. */
  async fetch(request: Request): Promise<Response> {
    return await (await this.#served).app.fetch(request);
  }

  /** Views that are due, and the snapshot. */
  async alarm(): Promise<void> {
    await (await this.#served).object.alarm();
  }

  /** A message on a connection. */
  async webSocketMessage(socket: ObjectSocket, data: string | ArrayBuffer): Promise<void> {
    (await this.#served).sockets.message(socket, data);
  }

  /** The end of a connection. */
  async webSocketClose(socket: ObjectSocket, code: number, reason: string): Promise<void> {
    (await this.#served).sockets.closed(socket, code, reason);
  }

  /** A connection that broke. */
  async webSocketError(socket: ObjectSocket): Promise<void> {
    (await this.#served).sockets.closed(socket);
  }
}

async function open(state: ObjectState, { ANONYMOUS }: Environment): Promise<Served> {
  const object = await DatabaseObject.open(state.storage);
  const sockets = new HibernatingSockets(state, state.storage);
  const app = liveviewApp(object.db, {
    sockets: sockets.upgrade,
    // Timers would keep the object awake.
    live: { heartbeatMs: Infinity, socketIdleMs: Infinity },
    ...(ANONYMOUS === undefined ? {} : { anonymous: ANONYMOUS }),
  });
  await sockets.restore((request) => app.fetch(request));
  return { object, sockets, app };
}

/** The worker: finds the database by the first part of the path. */
export default {
  fetch(request: Request, { DATABASES }: Environment): Response | Promise<Response> {
    const url = new URL(request.url);
    const [, name, rest] = /^\/([\w-]{1,64})(\/.*)$/.exec(url.pathname) ?? [];
    if (name === undefined || rest === undefined) {
      return Response.json({ title: "Name a database: /<name>/v1/health", status: 404 }, {
        status: 404,
        headers: { "content-type": "application/problem+json" },
      });
    }
    url.pathname = rest;
    return DATABASES.get(DATABASES.idFromName(name)).fetch(new Request(url, request));
  },
};
