/**
 * `GET /socket`: the upgrade to a WebSocket, by what the runtime offers.
 *
 * @module
 */
import type { UpgradeWebSocket, WSContext } from "hono/ws";
import { QueryError } from "../../../src/base/error.ts";
import type { AppCall, AppContext, LiveviewHono } from "../app_context.ts";
import { addRoute } from "../route.ts";
import type { ChangeTexts } from "./change_text.ts";
import { type SocketPeer, SocketSession } from "./socket_session.ts";

/** Adds the route. */
export function addSocketRoute(app: LiveviewHono, context: AppContext, texts: ChangeTexts): void {
  addRoute(app, context, {
    method: "GET",
    path: "/socket",
    summary: "A WebSocket for many subscriptions and queries, as JSON messages",
    // The first message may bring the token; each message is checked.
    access: "public",
    answers: {},
    status: 101,
  }, (c) => upgrade(c, context, texts));
}

async function upgrade(c: AppCall, context: AppContext, texts: ChangeTexts): Promise<Response> {
  const { sockets } = context.options;
  if (sockets === undefined) {
    throw new QueryError("unsupported", "This server opens no WebSockets", {
      hint: "give the option sockets to liveviewApp, from connectors/hono/runtime, or use /v1/live",
    });
  }
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    throw new QueryError("invalid-parameter", "This route is for WebSockets: received no Upgrade header", {
      hint: "open it with new WebSocket(...), or use /v1/live",
    });
  }
  const principal = c.get("principal");
  // A runtime may give the request up with the upgrade.
  const request = { url: c.req.url, headers: new Headers(c.req.raw.headers) };
  const release = context.connections.acquire();
  let session: SocketSession | undefined;
  // Not every runtime says that a socket has opened.
  const sessionOf = (ws: WSContext): SocketSession =>
    session ??= new SocketSession(peerOf(ws), {
      context,
      texts,
      principal,
      authenticate: (token) => context.authenticator.principalOf(withToken(request, token)),
      optionsFor: (who, signal) => context.optionsOf(who, signal),
    });
  const end = (): void => {
    session?.close();
    release();
  };
  try {
    return await sockets(c, {
      onOpen: (_, ws) => void sessionOf(ws),
      onMessage: (event, ws) => sessionOf(ws).receive(event.data),
      onClose: end,
      onError: end,
    });
  } catch (error) {
    release();
    throw error;
  }
}

/** The request of the upgrade as it would be with a token in its header. */
function withToken(request: { readonly url: string; readonly headers: Headers }, token: string): Request {
  const headers = new Headers(request.headers);
  headers.delete("x-api-key");
  // Line breaks and the like are refused by headers, with an error of the runtime's own.
  headers.set("authorization", `Bearer ${encodeURI(token)}`);
  return new Request(request.url, { headers });
}

function peerOf(ws: WSContext): SocketPeer {
  const raw: unknown = ws.raw;
  return {
    send: (text) => ws.send(text),
    close: (code, reason) => ws.close(code, reason),
    bufferedBytes: () => bufferedBytes(raw),
  };
}

/** Browsers, Deno and Node have a property, Bun a method, workerd nothing. */
function bufferedBytes(raw: unknown): number {
  if (typeof raw !== "object" || raw === null) return 0;
  if ("getBufferedAmount" in raw && typeof raw.getBufferedAmount === "function") {
    return Number(raw.getBufferedAmount());
  }
  return "bufferedAmount" in raw && typeof raw.bufferedAmount === "number" ? raw.bufferedAmount : 0;
}

/** What opens WebSockets in a runtime; see `connectors/hono/runtime/`. */
export type SocketUpgrade = UpgradeWebSocket;
