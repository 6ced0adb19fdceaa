/**
 * gzip for bodies that are kept: they are compressed once and sent often. Others are compressed by the middleware.
 *
 * @module
 */
import type { AppCall } from "../app_context.ts";

/**
 * True when answers may be compressed here: not where the runtime cannot, and not in workerd, which compresses by itself
 * whatever claims to be compressed.
 */
export function compresses({ compress = true }: { readonly compress?: boolean }): boolean {
  return compress && typeof CompressionStream !== "undefined" &&
    globalThis.navigator?.userAgent !== "Cloudflare-Workers";
}

/** True when the caller takes gzip. */
export function acceptsGzip(c: AppCall): boolean {
  return /(?:^|,)\s*gzip\s*(?:;\s*q=(?:1|0\.\d*[1-9]\d*)\s*)?(?:,|$)/i.test(
    c.req.header("accept-encoding") ?? "",
  );
}

/** `bytes`, compressed. */
export async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Response(bytes).body!.pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
