/**
 * Who asks: what an adapter learned from a token, a key or a session, and where plugins find it.
 *
 * @module
 */
import { ContextKey } from "./query_context.ts";

/** Someone on whose behalf a statement runs. */
export interface Principal {
  /** Who it is, unique within what issued it. */
  readonly subject: string;
  /** Whose data it may see; the adapter sets `QueryOptions.tenant` to it as well. */
  readonly tenant?: string;
  /** What it may do, by names that adapters and plugins agree on. */
  readonly roles: readonly string[];
  /** Everything else that is known of it, such as the claims of its token. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** The slot of a query's context that holds its principal; empty for callers in process. */
export const principalKey: ContextKey<Principal> = new ContextKey("principal");
