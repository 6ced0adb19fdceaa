/**
 * `GET /socket`: the upgrade to a WebSocket, by what the runtime offers.
 *
 * @module
 */
import type { UpgradeWebSocket, WSContext } from "hono/ws";
import { AccessError, QueryError } from "../../../src/base/error.ts";
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
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    throw new QueryError("invalid-parameter", "This route is for WebSockets: received no Upgrade header", {
      hint: "open it with new WebSocket(...), or use /v1/live",
    });
  }
  if (sockets === undefined) {
    throw new QueryError("unsupported", "This server opens no WebSockets", {
      hint: "give the option sockets to liveviewApp, from connectors/hono/runtime, or use /v1/live",
    });
  }
  const principal = c.get("principal");
  let session: SocketSession | undefined;
  // Not every runtime says that a socket has opened.
  const sessionOf = (ws: WSContext): SocketSession =>
    session ??= new SocketSession(peerOf(ws), {
      context,
      texts,
      principal,
      authenticate: () => Promise.reject(noAuthentication()),
      optionsFor: (who, signal) => context.optionsOf(who, signal),
    });
  return await sockets(c, {
    onOpen: (_, ws) => void sessionOf(ws),
    onMessage: (event, ws) => sessionOf(ws).receive(event.data),
    onClose: () => session?.close(),
    onError: () => session?.close(),
  });
}

function noAuthentication(): AccessError {
  return new AccessError("unauthenticated", "This server takes no tokens", {
    hint: "leave the message authenticate out",
  });
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
