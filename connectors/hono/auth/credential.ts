/**
 * The credentials of a request: a bearer token, or an API key.
 *
 * Browsers cannot set headers of a WebSocket or an EventSource; for these alone `?access_token=` is read.
 *
 * @module
 */

/** See the module header. */
export type Credential =
  | { readonly kind: "token"; readonly text: string }
  | { readonly kind: "apiKey"; readonly text: string };

/** Longer texts are no credentials. */
const LENGTH_MAX = 16_384;

/** What `request` came with; `undefined` without. */
export function credentialOf(request: Request): Credential | undefined {
  const { headers } = request;
  const key = headers.get("x-api-key");
  if (key !== null && key !== "") return { kind: "apiKey", text: key.slice(0, LENGTH_MAX) };
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const [scheme = "", text = ""] = authorization.trim().split(/\s+/, 2);
    switch (scheme.toLowerCase()) {
      case "bearer":
        return { kind: "token", text: text.slice(0, LENGTH_MAX) };
      case "apikey":
        return { kind: "apiKey", text: text.slice(0, LENGTH_MAX) };
      default:
        return { kind: "token", text: "" };
    }
  }
  const opensStream = headers.get("upgrade")?.toLowerCase() === "websocket" ||
    headers.get("accept")?.includes("text/event-stream") === true;
  if (!opensStream || !request.url.includes("access_token=")) return undefined;
  const text = new URL(request.url).searchParams.get("access_token");
  return text === null || text === "" ? undefined : { kind: "token", text: text.slice(0, LENGTH_MAX) };
}
