/**
 * Giving the event loop a turn, as cheaply as the runtime allows.
 *
 * `setImmediate` resumes after the loop has looked at timers and at input and output; it takes microseconds.
 * A message through a MessageChannel is the next best, for browsers: in Deno it would come back before a
 * terminal's input is read, so that a long query could not be stopped from the keyboard. Timers are clamped to
 * a millisecond or more, and are the last resort.
 *
 * @module
 */

/** Resolves after the event loop has had a turn for timers, sockets and abort signals. */
export type YieldTurn = () => Promise<void>;

/** What runtimes may have; not every one declares it. */
interface Immediates {
  readonly setImmediate?: (run: () => void) => unknown;
}

/** The fastest portable way to yield. */
export function createYieldTurn(): YieldTurn {
  // The type adds an optional function to the global object, and says nothing that is not checked below.
  const { setImmediate } = globalThis as Immediates;
  if (typeof setImmediate === "function") {
    return () => new Promise((resolve) => void setImmediate(() => resolve()));
  }
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
