/**
 * Limits and intervals of live streams and sockets, with their defaults.
 *
 * @module
 */

/** Option `live` of the app. */
export interface LiveLimits {
  /** Milliseconds without an event after which a heartbeat is sent; Infinity for none. */
  readonly heartbeatMs: number;
  /** Milliseconds that a browser waits before it connects again. */
  readonly retryMs: number;
  /** Characters of JSON in one event: larger changes come in parts. */
  readonly eventCharactersMax: number;
  /** Milliseconds after which a reader that takes nothing is disconnected. */
  readonly stallMs: number;
  /** Milliseconds for which a subscriber may ask changes to be held. */
  readonly coalesceMsMax: number;
  /** Subscriptions on one socket. */
  readonly socketSubscriptionsMax: number;
  /** Characters of one message from a client. */
  readonly messageCharactersMax: number;
  /** Messages from one client, a second; twice as many at once. */
  readonly messagesPerSecond: number;
  /**
   * Milliseconds after which a socket without subscriptions and messages is closed; Infinity for never. Where neither
   * is finite a socket has no timer, and does not notice that its credentials expire.
   */
  readonly socketIdleMs: number;
  /** Bytes that may wait in a socket before its subscriptions hold their changes back. */
  readonly socketBufferBytesMax: number;
}

/** What holds when nothing is said. */
export const DEFAULT_LIVE_LIMITS: LiveLimits = {
  heartbeatMs: 15_000,
  retryMs: 1_000,
  eventCharactersMax: 65_536,
  stallMs: 60_000,
  coalesceMsMax: 60_000,
  socketSubscriptionsMax: 100,
  messageCharactersMax: 65_536,
  messagesPerSecond: 50,
  socketIdleMs: 120_000,
  socketBufferBytesMax: 1_048_576,
};

/** Between two looks of a stream at itself. */
export function tickMsOf({ heartbeatMs, stallMs }: LiveLimits): number {
  return Math.max(1, Math.min(heartbeatMs, stallMs) / 2);
}
