/**
 * Where a request comes from, as each runtime tells it: for limits on callers without credentials.
 *
 * Headers such as `X-Forwarded-For` are what a caller writes into them: behind a proxy of one's own the option
 * `address` reads them.
 *
 * @module
 */

/** The address; `undefined` where the runtime does not say. `env` is what it hands to `fetch` beside the request. */
export function clientAddress(request: Request, env: unknown): string | undefined {
  if (typeof env !== "object" || env === null) return undefined;
  // Deno: the information about the connection.
  const remote = member(env, "remoteAddr");
  if (remote !== undefined) return textMember(remote, "hostname");
  // @hono/node-server: the request of Node.
  const incoming = member(env, "incoming");
  if (incoming !== undefined) {
    const socket = member(incoming, "socket");
    return socket === undefined ? undefined : textMember(socket, "remoteAddress");
  }
  // Bun: the server, which knows its requests.
  if ("requestIP" in env && typeof env.requestIP === "function") {
    const found: unknown = env.requestIP(request);
    return typeof found === "object" && found !== null ? textMember(found, "address") : undefined;
  }
  return undefined;
}

function member(of: object, name: string): object | undefined {
  const value: unknown = Reflect.get(of, name);
  return typeof value === "object" && value !== null ? value : undefined;
}

function textMember(of: object, name: string): string | undefined {
  const value: unknown = Reflect.get(of, name);
  return typeof value === "string" ? value : undefined;
}
