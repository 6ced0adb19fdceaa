/**
 * `GET|POST /live`: a view or a query and its changes, as server-sent events.
 *
 * @module
 */
import type { Principal } from "../../../src/kernel/principal.ts";
import type { AppCall, AppContext, LiveviewHono } from "../app_context.ts";
import { checkInput } from "../check_input.ts";
import { readJsonBody } from "../read_body.ts";
import { addRoute, queryOf } from "../route.ts";
import { ChangeTexts } from "./change_text.ts";
import { EventBytes } from "./event_text.ts";
import { eventStream } from "./event_stream.ts";
import { liveBody, liveQuery, type LiveRequest, type LiveSubscription, openLive } from "./live_target.ts";
import { tickMsOf } from "./live_limits.ts";
import { StreamLeases } from "./stream_leases.ts";
import { addSocketRoute } from "./socket_route.ts";

const EVENT_STREAM = "text/event-stream";

/** Adds both routes, and the socket's. */
export function addLiveRoutes(app: LiveviewHono, context: AppContext): void {
  const texts = new ChangeTexts(context.live.eventCharactersMax);
  const leases = new StreamLeases(tickMsOf(context.live));
  context.metrics.addSource((add) => {
    leases.sweep();
    add("live_subscriptions", context.liveCounts.streams);
    add("live_sockets", context.liveCounts.sockets);
  });
  const live: LiveStreams = {
    context,
    texts,
    leases,
    bytes: new EventBytes((version) => context.stamp(version)),
  };
  addRoute(app, context, {
    method: "GET",
    path: "/live",
    summary: "The contents of a view or a query and every change of them, as server-sent events",
    access: "read",
    query: liveQuery,
    answers: { [EVENT_STREAM]: undefined },
  }, (c) => answerLive(live, c, checkInput(liveQuery, queryOf(c), "the query string")));
  addRoute(app, context, {
    method: "POST",
    path: "/live",
    summary: "As GET, with the request as JSON: for long queries, and for queries in their JSON form",
    access: "read",
    body: { "application/json": liveBody },
    answers: { [EVENT_STREAM]: undefined },
  }, async (c) => {
    const body = await readJsonBody(c.req.raw, context.limits.bodyBytesMax);
    return await answerLive(live, c, checkInput(liveBody, body, "the live request"));
  });
  addSocketRoute(app, context, texts);
}

interface LiveStreams {
  readonly context: AppContext;
  readonly texts: ChangeTexts;
  readonly bytes: EventBytes;
  readonly leases: StreamLeases;
}

async function answerLive(
  { context, texts, bytes, leases }: LiveStreams,
  c: AppCall,
  request: LiveRequest,
): Promise<Response> {
  const { signal } = c.req.raw;
  const lastEventId = c.req.header("last-event-id") ?? request.lastEventId;
  leases.sweep();
  const release = context.connections.acquire();
  let opened: LiveSubscription;
  try {
    opened = await openLive(
      context,
      { ...request, ...(lastEventId === undefined || lastEventId === "" ? {} : { lastEventId }) },
      context.queryOptions(c),
    );
  } catch (error) {
    release();
    throw error;
  }
  const { changes, beginsAt, columns } = opened;
  const body = eventStream({
    changes,
    first: beginsAt === undefined ? undefined : texts.begin(beginsAt, columns),
    texts,
    bytes,
    limits: context.live,
    leases,
    clock: context.clock,
    expiresAt: expiryOf(c.get("principal")),
    signal,
    onEnd: () => {
      context.liveCounts.streams--;
      release();
    },
  });
  context.liveCounts.streams++;
  return new Response(body, {
    headers: {
      "content-type": `${EVENT_STREAM}; charset=utf-8`,
      "cache-control": "no-store, no-transform",
      // Tells nginx not to collect the answer before it sends it.
      "x-accel-buffering": "no",
    },
  });
}

/** When the credentials end, by the claim `exp`; wall-clock milliseconds. */
export function expiryOf({ claims }: Principal): number | undefined {
  const { exp } = claims;
  return typeof exp === "number" ? exp * 1000 : undefined;
}
