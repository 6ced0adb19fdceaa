/**
 * Node, by `@hono/node-server`; sockets need the package `ws` as well, which the caller brings.
 *
 * ```ts ignore
 * import { WebSocketServer } from "ws";
 * import { nodeSockets, serveNode } from "./connectors/hono/runtime/node.ts";
 * const app = liveviewApp(db, { sockets: nodeSockets });
 * await serveNode(app, { port: 8000, socketServer: new WebSocketServer({ noServer: true }) });
 * ```
 *
 * @module
 */
import { serve, upgradeWebSocket } from "@hono/node-server";
import type { SocketUpgrade } from "../live/socket_route.ts";

/** For the option `sockets` of `liveviewApp`. */
export const nodeSockets: SocketUpgrade = upgradeWebSocket;

/** Options of {@linkcode serveNode}. */
export interface NodeServerOptions {
  /** 8000 by default; 0 takes a free one. */
  readonly port?: number;
  /** All interfaces by default. */
  readonly hostname?: string;
  /** A `WebSocketServer` of the package `ws` with `noServer: true`. */
  readonly socketServer?: object;
}

/** A server that listens. */
export interface NodeServer {
  readonly port: number;
  /** Stops listening and ends what is open. */
  close(): Promise<void>;
}

type ServeOptions = Parameters<typeof serve>[0];

/** Serves `app`; resolves when it listens. */
export function serveNode(
  app: { fetch(request: Request, env?: unknown): Response | Promise<Response> },
  { port = 8000, hostname, socketServer }: NodeServerOptions = {},
): Promise<NodeServer> {
  // The types of `ws` are the caller's: the package is no dependency.
  const websocket = socketServer === undefined ? {} : { websocket: { server: socketServer } } as Pick<
    ServeOptions,
    "websocket"
  >;
  return new Promise((resolve) => {
    const options = { fetch: app.fetch, port, ...(hostname === undefined ? {} : { hostname }), ...websocket };
    const server = serve(options, (address) => {
      resolve({
        port: address.port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            if ("closeAllConnections" in server) server.closeAllConnections();
          }),
      });
    });
  });
}
