/**
 * Server-sent events from chunks of bytes, by the rules of the HTML standard.
 *
 * Chunks may end anywhere: within a character, a line, or between CR and LF. A line is looked at once.
 * O(bytes); what is kept is one event.
 *
 * @module
 */

/** An event as it came. */
export interface ServerEvent {
  /** `message` when the server names none. */
  readonly event: string;
  /** The lines of `data`, joined by line feeds. */
  readonly data: string;
  /** The id of the last event that had one; `undefined` before any had. */
  readonly id: string | undefined;
}

/** See the module header. */
export class EventParser {
  readonly #decoder = new TextDecoder();
  /** The line that is not complete. */
  #rest = "";
  /** A line ended with CR: a LF that follows belongs to it. */
  #afterReturn = false;
  #event = "";
  #data: string[] = [];
  #id: string | undefined;
  #retryMs: number | undefined;

  /** What the server asked for by `retry:`. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  /** The events that `chunk` completes. */
  push(chunk: Uint8Array): readonly ServerEvent[] {
    let text = this.#decoder.decode(chunk, { stream: true });
    if (this.#afterReturn && text !== "") {
      if (text.startsWith("\n")) text = text.slice(1);
      this.#afterReturn = false;
    }
    const events: ServerEvent[] = [];
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code !== 10 && code !== 13) continue;
      const event = this.#line(this.#rest + text.slice(from, i));
      this.#rest = "";
      if (event !== undefined) events.push(event);
      if (code === 13) {
        if (i + 1 === text.length) this.#afterReturn = true;
        else if (text.charCodeAt(i + 1) === 10) i++;
      }
      from = i + 1;
    }
    this.#rest += text.slice(from);
    return events;
  }

  #line(line: string): ServerEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const start = colon < 0 ? line.length : colon + (line[colon + 1] === " " ? 2 : 1);
    const value = line.slice(start);
    if (field === "event") this.#event = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.#retryMs = Number(value);
    return undefined;
  }

  #dispatch(): ServerEvent | undefined {
    const event = this.#event;
    const data = this.#data;
    this.#event = "";
    this.#data = [];
    if (data.length === 0) return undefined;
    return { event: event === "" ? "message" : event, data: data.join("\n"), id: this.#id };
  }
}
