/**
 * Messages of the socket: JSON objects with a `type`, those of clients checked before anything is done.
 *
 * | from the client | to the client |
 * |---|---|
 * | `{ type: "subscribe", id, view \| sql \| query, params?, snapshot?, coalesceMs?, lastEventId? }` | `snapshot`, `delta` with `id`; `end` |
 * | `{ type: "unsubscribe", id }` | `{ type: "end", id, reason: "unsubscribed" }` |
 * | `{ type: "query", id, sql \| query, params? }` | `{ type: "result", id, columns, rows, version }` |
 * | `{ type: "ping", id? }` | `{ type: "pong", id? }` |
 * | `{ type: "authenticate", token }` | `{ type: "authenticated" }` |
 * | anything else | `{ type: "error", id?, problem }` |
 *
 * @module
 */
import * as v from "valibot";
import { LimitError, QueryError } from "../../../src/base/error.ts";
import { checkInput } from "../check_input.ts";
import { plainObject } from "../schema/query_schema.ts";
import { liveEntries } from "./live_target.ts";

const ID_CHARACTERS_MAX = 100;

const id = v.pipe(v.string(), v.nonEmpty(), v.maxLength(ID_CHARACTERS_MAX));

const schemas = {
  subscribe: v.strictObject({ type: v.literal("subscribe"), id, ...liveEntries }),
  unsubscribe: v.strictObject({ type: v.literal("unsubscribe"), id }),
  query: v.strictObject({
    type: v.literal("query"),
    id,
    sql: v.exactOptional(v.string()),
    query: v.exactOptional(plainObject),
    params: liveEntries.params,
    minVersion: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    maxStalenessMs: v.exactOptional(v.pipe(v.number(), v.minValue(0))),
  }),
  ping: v.strictObject({ type: v.literal("ping"), id: v.exactOptional(id) }),
  authenticate: v.strictObject({ type: v.literal("authenticate"), token: v.string() }),
} as const;

type Schemas = typeof schemas;

/** A message from a client. */
export type ClientMessage = { [Type in keyof Schemas]: v.InferOutput<Schemas[Type]> }[keyof Schemas];

/** A message from a client, of one type. */
export type ClientMessageOf<Type extends ClientMessage["type"]> = v.InferOutput<Schemas[Type]>;

/**
 * A message as it came.
 *
 * @throws {QueryError} `invalid-parameter`
 * @throws {LimitError} `body-limit`
 */
export function readMessage(data: unknown, charactersMax: number): ClientMessage {
  if (typeof data !== "string") {
    throw new QueryError("invalid-parameter", "The socket takes text: received a binary message", {
      hint: "send JSON",
    });
  }
  if (data.length > charactersMax) {
    throw new LimitError(
      "body-limit",
      `A message may have ${charactersMax} characters: received ${data.length}`,
      {
        details: { limit: charactersMax, actual: data.length },
        hint: "send long queries to /v1/query and /v1/live",
      },
    );
  }
  const value = parse(data);
  const type = typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
  if (typeof type !== "string" || !Object.hasOwn(schemas, type)) {
    throw new QueryError(
      "invalid-parameter",
      `A message has one of the types ${Object.keys(schemas).join(", ")}: received ${JSON.stringify(type)}`,
      { details: { type: type ?? null }, hint: 'send { "type": "subscribe", "id": "1", "view": "..." }' },
    );
  }
  // The key was looked up; each schema gives the message of its type.
  return checkInput(schemas[type as keyof Schemas], value, `the message ${type}`) as ClientMessage;
}

/** The id of a message that was refused, so that the client knows which. */
export function idOf(data: unknown): string | undefined {
  if (typeof data !== "string" || data.length > ID_CHARACTERS_MAX * ID_CHARACTERS_MAX) return undefined;
  try {
    const value: unknown = JSON.parse(data);
    const found = typeof value === "object" && value !== null && "id" in value ? value.id : undefined;
    return typeof found === "string" && found.length <= ID_CHARACTERS_MAX ? found : undefined;
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new QueryError("invalid-parameter", "The message is not JSON", {
      details: { start: text.slice(0, 40) },
      hint: "send one JSON object a message",
      cause,
    });
  }
}
