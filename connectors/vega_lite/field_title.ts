/**
 * The titles that Vega-Lite derives for axes, legends and headers.
 *
 * The engine's columns are plain fields, whose titles would be their names; so the titles are written into the
 * spec where nobody set one.
 *
 * @module
 */
import type { EncodingField, FieldRole } from "./encoding_field.ts";
import { isSpec, type Spec } from "./spec_shape.ts";
import { parseTimeUnit } from "../charts/time_unit.ts";

/** How titles are made: `config.fieldTitle` and `config.countTitle`. */
export interface TitleStyle {
  readonly fieldTitle: "verbal" | "functional" | "plain";
  readonly countTitle: string;
}

/** Reads the style from the spec's `config`. */
export function titleStyle(config: unknown): TitleStyle {
  const { fieldTitle, countTitle }: Spec = isSpec(config) ? config : {};
  return {
    fieldTitle: fieldTitle === "functional" || fieldTitle === "plain" ? fieldTitle : "verbal",
    countTitle: typeof countTitle === "string" ? countTitle : "Count of Records",
  };
}

/** The derived title. */
export function derivedTitle(field: EncodingField, role: FieldRole, style: TitleStyle): string {
  // As it is written: the title of "a\\.b" has its backslash in Vega-Lite too.
  const name = field.def["field"] === undefined ? "" : String(field.def["field"]);
  if (style.fieldTitle === "plain") return name;
  if (style.fieldTitle === "functional") {
    if (role.kind === "measure" && role.operation.kind !== "plain") {
      return `${name} for ${role.operation.kind}(${role.operation.by})`;
    }
    const word = functionalWord(role);
    return word === undefined ? name : `${word.toUpperCase()}(${name})`;
  }
  switch (role.kind) {
    case "measure": {
      const { operation } = role;
      if (operation.kind !== "plain") return `${name} for ${operation.kind.slice(3)} ${operation.by}`;
      if (operation.name === "count") return style.countTitle;
      return `${operation.name.charAt(0).toUpperCase()}${operation.name.slice(1)} of ${name}`;
    }
    case "bin":
      return `${name} (binned)`;
    case "timeUnit": {
      const { timeUnit } = role;
      const unit = isSpec(timeUnit) ? timeUnit["unit"] : timeUnit;
      const parts = typeof unit === "string" ? parseTimeUnit(unit)?.parts : undefined;
      return parts === undefined ? name : `${name} (${parts.toSorted(byPart).join("-")})`;
    }
    case "plain":
      return name;
  }
}

function functionalWord(role: FieldRole): string | undefined {
  switch (role.kind) {
    case "measure":
      return role.operation.kind === "plain" ? role.operation.name : role.operation.kind;
    case "bin":
      return "bin";
    case "timeUnit":
      return String(isSpec(role.timeUnit) ? role.timeUnit["unit"] : role.timeUnit);
    case "plain":
      return undefined;
  }
}

/** Vega-Lite lists `day` before `dayofyear`; no unit has both, but `week` and `day` keep their order. */
const PART_ORDER = [
  "year",
  "quarter",
  "month",
  "week",
  "day",
  "dayofyear",
  "date",
  "hours",
  "minutes",
  "seconds",
  "milliseconds",
];

function byPart(a: string, b: string): number {
  return PART_ORDER.indexOf(a) - PART_ORDER.indexOf(b);
}
