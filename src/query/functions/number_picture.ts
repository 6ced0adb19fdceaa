/**
 * Templates of numbers, such as `FM999G990D00`, cut into keywords and counted.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";

const KEYWORDS: readonly string[] = [
  "EEEE",
  "FM",
  "MI",
  "PL",
  "PR",
  "RN",
  "SG",
  "SP",
  "TH",
  ",",
  ".",
  "0",
  "9",
  "B",
  "C",
  "D",
  "G",
  "L",
  "S",
  "V",
];

/** A keyword, or text that stands for itself. */
export type PictureNode = { readonly key: string; readonly written: string } | { readonly text: string };

/** What a template asks for. */
export interface Picture {
  /** In the order of the template. */
  readonly nodes: readonly PictureNode[];
  /** Digits before the point. */
  pre: number;
  /** Digits after the point. */
  post: number;
  /** Digits after V: the value is multiplied by that power of ten. */
  multi: number;
  /** Where S stands. */
  leadingSign: "none" | "before" | "after";
  /** Digits before S. */
  signDigits: number;
  /** Digit, from 1, of the first 0; 0 when there is none. */
  zeroStart: number;
  /** Digit of the last 0. */
  zeroEnd: number;
  /** Keywords that change the whole. */
  readonly flags: Set<
    "decimal" | "fill" | "zero" | "sign" | "plus" | "minus" | "bracket" | "roman" | "multi" | "exponent"
  >;
}

/** The error for a template that cannot be. */
export function templateError(template: string, why: string): QueryError {
  return new QueryError(
    "invalid-value",
    `Invalid number template: ${why}: received ${JSON.stringify(template)}`,
    {
      details: { template },
      hint: "templates look like FM999,990.00",
    },
  );
}

function cut(template: string): PictureNode[] {
  const nodes: PictureNode[] = [];
  for (let at = 0; at < template.length;) {
    if (template[at] === '"') {
      const end = template.indexOf('"', at + 1);
      nodes.push({ text: template.slice(at + 1, end < 0 ? template.length : end) });
      at = end < 0 ? template.length : end + 1;
      continue;
    }
    const key = KEYWORDS.find((word) => {
      const written = template.slice(at, at + word.length);
      return written === word || written === word.toLowerCase();
    });
    if (key === undefined) {
      const character = String.fromCodePoint(template.codePointAt(at)!);
      nodes.push({ text: character });
      at += character.length;
    } else {
      nodes.push({ key, written: template.slice(at, at + key.length) });
      at += key.length;
    }
  }
  return nodes;
}

/** What a template asks for; `invalid-value` when it contradicts itself. */
export function readPicture(template: string): Picture {
  const picture: Picture = {
    nodes: cut(template),
    pre: 0,
    post: 0,
    multi: 0,
    leadingSign: "none",
    signDigits: 0,
    zeroStart: 0,
    zeroEnd: 0,
    flags: new Set(),
  };
  for (const node of picture.nodes) {
    if ("key" in node) addKey(picture, node.key, template);
  }
  if (picture.flags.has("roman") && !/^(?:FM)?RN(?:FM)?$/i.test(template)) {
    throw templateError(template, "RN stands alone");
  }
  return picture;
}

function addKey(picture: Picture, key: string, template: string): void {
  const { flags } = picture;
  switch (key) {
    case "9":
      if (flags.has("multi")) picture.multi++;
      else if (flags.has("decimal")) picture.post++;
      else picture.pre++;
      break;
    case "0":
      if (!flags.has("zero") && !flags.has("decimal")) {
        flags.add("zero");
        picture.zeroStart = picture.pre + 1;
      }
      if (flags.has("decimal")) picture.post++;
      else picture.pre++;
      picture.zeroEnd = picture.pre + picture.post;
      break;
    case ".":
    case "D":
      if (flags.has("decimal")) throw templateError(template, "more than one decimal point");
      if (flags.has("multi")) throw templateError(template, "V and a decimal point");
      flags.add("decimal");
      break;
    case "FM":
      flags.add("fill");
      break;
    case "S":
      addSign(picture, template);
      break;
    case "MI":
    case "PL":
    case "SG":
      if (flags.has("sign")) throw templateError(template, "S and another sign");
      if (key !== "PL") flags.add("minus");
      if (key !== "MI") flags.add("plus");
      break;
    case "PR":
      if (flags.has("sign") || flags.has("plus") || flags.has("minus")) {
        throw templateError(template, "PR and another sign");
      }
      flags.add("bracket");
      break;
    case "RN":
      flags.add("roman");
      break;
    case "V":
      if (flags.has("decimal")) throw templateError(template, "V and a decimal point");
      flags.add("multi");
      break;
    case "EEEE":
      flags.add("exponent");
      break;
  }
}

function addSign(picture: Picture, template: string): void {
  const { flags } = picture;
  if (flags.has("sign")) throw templateError(template, "more than one S");
  if (flags.has("plus") || flags.has("minus") || flags.has("bracket")) {
    throw templateError(template, "S and another sign");
  }
  flags.add("sign");
  if (flags.has("decimal")) {
    picture.leadingSign = "after";
  } else {
    picture.leadingSign = "before";
    picture.signDigits = picture.pre;
  }
}
