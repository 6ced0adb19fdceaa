/**
 * Giving the event loop a turn, as cheaply as the runtime allows.
 *
 * A message through a MessageChannel comes back in tens of microseconds, while timers are clamped to a
 * millisecond or more; where there is no MessageChannel a timer has to do.
 *
 * @module
 */

/** Resolves after the event loop has had a turn for timers, sockets and abort signals. */
export type YieldTurn = () => Promise<void>;

/** The fastest portable way to yield. */
export function createYieldTurn(): YieldTurn {
  if (typeof MessageChannel !== "function") {
    return () => new Promise((resolve) => setTimeout(resolve, 0));
  }
  return () =>
    new Promise((resolve) => {
      // A channel per turn, closed at once: an open port would keep the process from ending.
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        channel.port1.close();
        channel.port2.close();
        resolve();
      };
      channel.port2.postMessage(null);
    });
}
