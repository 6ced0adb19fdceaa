/**
 * Completion: what may stand at the cursor by the grammar, filled in from the catalogue.
 *
 * @module
 */
import type { Catalog } from "../../src/query/catalog.ts";
import { expectedAt } from "../../src/sql/parse.ts";
import { COMMANDS } from "./commands.ts";
import { quoteIdentifier } from "../files/sql_name.ts";

/** Where names come from; a `Database` has it. */
export interface CompletionNames {
  readonly catalog: Catalog;
  functionNames(): readonly string[];
}

/** Words that fit, and the part of the text that they replace. */
export interface Completion {
  readonly candidates: readonly string[];
  readonly word: string;
}

/** Completes `text`, a statement up to the cursor. */
export function complete(text: string, names: CompletionNames): Completion {
  if (text.startsWith("\\")) return completeCommand(text, names);
  const word = /[\p{L}_][\p{L}\p{N}_$]*$/u.exec(text)?.[0] ?? "";
  const before = text.slice(0, text.length - word.length);
  const qualifier = /([\p{L}_][\p{L}\p{N}_$]*|"[^"]+")\.$/u.exec(before)?.[1];
  const found = qualifier === undefined
    ? expectedWords(text, word, names)
    : columnsOf(relationCalled(text, qualifier.replaceAll('"', ""), names), names);
  const lower = word.toLowerCase();
  return {
    candidates: [...new Set(found)].filter((candidate) => candidate.toLowerCase().startsWith(lower)),
    word,
  };
}

function completeCommand(text: string, names: CompletionNames): Completion {
  const argument = /^\\\S+\s+(.*)$/.exec(text)?.[1];
  if (argument === undefined) {
    return {
      candidates: COMMANDS.map(({ name }) => name).filter((name) => name.startsWith(text)),
      word: text,
    };
  }
  return {
    candidates: names.catalog.relationNames().filter((name) => name.startsWith(argument)),
    word: argument,
  };
}

function expectedWords(text: string, word: string, names: CompletionNames): string[] {
  const upper = word !== "" && word === word.toUpperCase();
  return expectedAt(text, text.length).flatMap((expected): readonly string[] => {
    switch (expected) {
      case "table":
        return names.catalog.relationNames().map(sqlName);
      case "column":
        return relationsIn(text, names).flatMap((relation) => columnsOf(relation, names));
      case "function":
        // Without a letter typed there would be hundreds.
        return word === "" ? [] : names.functionNames().map((name) => `${name}(`);
      case "name":
      case "alias":
      case "operator":
      case "type":
        return [];
      default:
        return /^[A-Z]/.test(expected) ? [upper || word === "" ? expected : expected.toLowerCase()] : [];
    }
  });
}

/** A name as it must be written in SQL. */
function sqlName(name: string): string {
  return /^[a-z_][a-z0-9_$.]*$/.test(name) ? name : quoteIdentifier(name);
}

/** Relations that the text names; all when it names none, as in a SELECT before its FROM. */
function relationsIn(text: string, names: CompletionNames): readonly string[] {
  const words = new Set(text.toLowerCase().match(/[\p{L}_][\p{L}\p{N}_$.]*/gu) ?? []);
  const named = names.catalog.relationNames().filter((name) => words.has(name.toLowerCase()));
  return named.length > 0 ? named : names.catalog.relationNames();
}

/** The relation that `qualifier` means in `text`: a name, or the alias of one. */
function relationCalled(text: string, qualifier: string, names: CompletionNames): string {
  const known = names.catalog.relationNames();
  if (known.includes(qualifier)) return qualifier;
  const pattern = /([\p{L}_][\p{L}\p{N}_$]*)\s+(?:as\s+)?([\p{L}_][\p{L}\p{N}_$]*)/giu;
  for (const [, name, alias] of text.matchAll(pattern)) {
    if (alias === qualifier && known.includes(name!)) return name!;
  }
  return qualifier;
}

function columnsOf(relation: string, { catalog }: CompletionNames): string[] {
  const found = catalog.relation(relation);
  if (found === undefined) return [];
  return (found.kind === "view" ? found.columns ?? [] : found.columns.map(({ name }) => name)).map(sqlName);
}
