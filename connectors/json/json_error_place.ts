/**
 * Where a text stops being JSON: engines say it in messages of their own, or not at all.
 *
 * One pass over the tokens with a stack of open brackets, O(length); it runs only after JSON.parse has failed.
 *
 * @module
 */

const TOKEN =
  // deno-lint-ignore no-control-regex -- JSON texts may not hold control characters
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;

/** What may come next. */
type Expected = "value" | "value or ]" | "key" | "key or }" | ":" | ", or end" | "nothing";

/** The offset of the first token that no JSON text has at its place; the length when the text ends too early. */
export function jsonErrorOffset(text: string): number {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "value";
  let at = 0;
  const afterValue = (): Expected => open.length === 0 ? "nothing" : ", or end";
  for (;;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const start = at + /^[ \t\r\n]*/.exec(text.slice(at, at + 1000))![0].length;
    if (match === null) return start;
    const [, mark, quoted] = match;
    const wantsValue = expected === "value" || expected === "value or ]";
    if (mark === "{" || mark === "[") {
      if (!wantsValue) return start;
      open.push(mark);
      expected = mark === "{" ? "key or }" : "value or ]";
    } else if (mark === "}" || mark === "]") {
      const empty = expected === (mark === "}" ? "key or }" : "value or ]");
      const ends = open.at(-1) === (mark === "}" ? "{" : "[");
      if (!ends || !(empty || expected === ", or end")) return start;
      open.pop();
      expected = afterValue();
    } else if (mark === ",") {
      if (expected !== ", or end") return start;
      expected = open.at(-1) === "{" ? "key" : "value";
    } else if (mark === ":") {
      if (expected !== ":") return start;
      expected = "value";
    } else if (expected === "key" || expected === "key or }") {
      if (quoted === undefined) return start;
      expected = ":";
    } else {
      if (!wantsValue) return start;
      expected = afterValue();
    }
    at = TOKEN.lastIndex;
  }
}

/** Line and character, both from 1, of the first token that no JSON text has at its place. */
export function jsonErrorPlace(text: string): { readonly line: number; readonly character: number } {
  const before = text.slice(0, jsonErrorOffset(text)).split("\n");
  return { line: before.length, character: before.at(-1)!.length + 1 };
}
