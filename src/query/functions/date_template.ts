/**
 * Templates such as `YYYY-MM-DD HH24:MI` cut into fields and literal text, for TO_CHAR, TO_DATE and
 * TO_TIMESTAMP. A template is cut once and kept.
 *
 * @module
 */

/** A field, its modifiers, or text that stands for itself. */
export type TemplateNode =
  | {
    readonly kind: "field";
    /** As written: case decides the case of the output. */
    readonly name: string;
    /** Upper case. */
    readonly key: string;
    /** FM: no padding. */
    readonly fill: boolean;
    /** Ordinal suffix after a number. */
    readonly ordinal: "" | "TH" | "th";
  }
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean };

/** Longest first, so that the first that fits is the one. */
const FIELDS: readonly string[] = [
  "A.D.",
  "A.M.",
  "AD",
  "AM",
  "B.C.",
  "BC",
  "CC",
  "DAY",
  "DDD",
  "DD",
  "DY",
  "D",
  "FF1",
  "FF2",
  "FF3",
  "FF4",
  "FF5",
  "FF6",
  "FX",
  "HH24",
  "HH12",
  "HH",
  "IDDD",
  "ID",
  "IW",
  "IYYY",
  "IYY",
  "IY",
  "I",
  "J",
  "MI",
  "MM",
  "MONTH",
  "MON",
  "MS",
  "OF",
  "P.M.",
  "PM",
  "Q",
  "RM",
  "SSSSS",
  "SSSS",
  "SS",
  "TZH",
  "TZM",
  "TZ",
  "US",
  "WW",
  "W",
  "Y,YYY",
  "YYYY",
  "YYY",
  "YY",
  "Y",
].sort((a, b) => b.length - a.length);

/** Fields that also exist with a capital first letter alone. */
const CAPITALIZED: ReadonlySet<string> = new Set(["DAY", "DY", "MONTH", "MON"]);

function fieldAt(template: string, at: number): string | undefined {
  for (const field of FIELDS) {
    const written = template.slice(at, at + field.length);
    if (written === field || written === field.toLowerCase()) return written;
    if (CAPITALIZED.has(field) && written === field[0] + field.slice(1).toLowerCase()) return written;
  }
  return undefined;
}

function cut(template: string): TemplateNode[] {
  const nodes: TemplateNode[] = [];
  let at = 0;
  while (at < template.length) {
    let fill = false;
    let translated = false;
    let start = at;
    for (let prefix = /^(?:FM|fm|TM|tm)/.exec(template.slice(start)); prefix !== null;) {
      if (prefix[0].toUpperCase() === "FM") fill = true;
      else translated = true;
      start += 2;
      prefix = /^(?:FM|fm|TM|tm)/.exec(template.slice(start));
    }
    const name = fieldAt(template, start);
    if (name !== undefined) {
      at = start + name.length;
      const suffix = template.slice(at, at + 2);
      const ordinal = suffix === "TH" || suffix === "th" ? suffix : "";
      if (ordinal !== "" || suffix.toUpperCase() === "SP") at += 2;
      const key = name.toUpperCase();
      // TM, the translated form, leaves names without padding.
      nodes.push({ kind: "field", name, key, fill: fill || (translated && CAPITALIZED.has(key)), ordinal });
    } else if (start > at) {
      at = start;
    } else if (template[at] === '"') {
      let text = "";
      for (at++; at < template.length && template[at] !== '"'; at++) {
        if (template[at] === "\\" && at + 1 < template.length) at++;
        text += template[at];
      }
      at++;
      nodes.push({ kind: "text", text, quoted: true });
    } else {
      if (template[at] === "\\" && template[at + 1] === '"') at++;
      const character = String.fromCodePoint(template.codePointAt(at)!);
      nodes.push({ kind: "text", text: character, quoted: false });
      at += character.length;
    }
  }
  return nodes;
}

const CACHE = new Map<string, readonly TemplateNode[]>();
const CACHE_MAX = 500;

/** The nodes of a template. */
export function dateTemplate(template: string): readonly TemplateNode[] {
  let nodes = CACHE.get(template);
  if (nodes === undefined) {
    nodes = cut(template);
    if (CACHE.size >= CACHE_MAX) CACHE.clear();
    CACHE.set(template, nodes);
  }
  return nodes;
}

/** `ST`, `ND`, `RD` or `TH` for a number. */
export function ordinalSuffix(digits: string): string {
  if (/1\d$/.test(digits)) return "TH";
  switch (digits.at(-1)) {
    case "1":
      return "ST";
    case "2":
      return "ND";
    case "3":
      return "RD";
    default:
      return "TH";
  }
}

/** English month names. */
export const MONTH_NAMES: readonly string[] = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** English day names, from Sunday. */
export const DAY_NAMES: readonly string[] = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
];

/** Roman numerals of the months. */
export const ROMAN_MONTHS: readonly string[] = [
  "I",
  "II",
  "III",
  "IV",
  "V",
  "VI",
  "VII",
  "VIII",
  "IX",
  "X",
  "XI",
  "XII",
];
