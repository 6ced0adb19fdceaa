/**
 * The expected results of the 22 queries at scale factors 0.01, 0.1 and 1, as one checksum per query, and the
 * same checksum for the rows of a result. They hold for the default text pool.
 *
 * The canonical form of a result: one line per row, the fields joined by "|"; text without spaces at its ends;
 * dates in ISO form; decimals rounded half away from zero, first to six places, so that the last bits of a
 * double do not matter, and then to two (shares and average discounts: to four); NULL as "NULL". The lines keep
 * their order where ORDER BY gives all rows a place of their own, and are sorted where it leaves ties. The
 * checksum is the number of lines and their 64-bit FNV-1a hash.
 *
 * Source of the comparison by value: TPC Benchmark H, standard specification, revision 3.0.1, clause 2.1.3.5.
 *
 * @module
 */

import { QueryError } from "../../src/base/error.ts";

/** A value of a result, as drivers return it. A number in a date column is a day since 1970-01-01. */
export type AnswerValue = string | number | bigint | boolean | Date | null;

interface AnswerForm {
  /** A letter per column: `t` text, `i` integer, `m` two places, `r` four places, `d` date. */
  readonly columns: string;
  /** ORDER BY leaves ties, so the rows are compared as a set. */
  readonly sorted?: true;
}

const FORMS: Readonly<Record<string, AnswerForm>> = {
  q01: { columns: "ttmmmmmmri" },
  q02: { columns: "mttitttt" },
  q03: { columns: "imdi", sorted: true },
  q04: { columns: "ti" },
  q05: { columns: "tm", sorted: true },
  q06: { columns: "m" },
  q07: { columns: "ttim" },
  q08: { columns: "ir" },
  q09: { columns: "tim" },
  q10: { columns: "itmmtttt", sorted: true },
  q11: { columns: "im", sorted: true },
  q12: { columns: "tii" },
  q13: { columns: "ii" },
  q14: { columns: "m" },
  q15: { columns: "itttm" },
  q16: { columns: "ttii" },
  q17: { columns: "m" },
  q18: { columns: "tiidmm", sorted: true },
  q19: { columns: "m" },
  q20: { columns: "tt" },
  q21: { columns: "ti" },
  q22: { columns: "tim" },
};

const PLACES: Readonly<Record<string, number>> = { i: 0, m: 2, r: 4 };
const EXACT_PLACES = 6;
const MILLISECONDS_PER_DAY = 86_400_000;
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

const CHECKSUMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "0.01": {
    q01: "4:ac37018349df79c3",
    q02: "4:31c8c68b55e1eee6",
    q03: "10:c003b960362b3a66",
    q04: "5:b615594200fd74b8",
    q05: "5:7d09a90108be1398",
    q06: "1:273324d5a61e2604",
    q07: "4:b0623a5e648293ec",
    q08: "2:19ffb30288233bf0",
    q09: "173:a2dd72edcf083c7b",
    q10: "20:0968606342569c39",
    q11: "359:fba77b0a4edec85b",
    q12: "2:c4fc59910b22a320",
    q13: "32:bf511408ad79fa32",
    q14: "1:52c674fa62548af6",
    q15: "1:0e5c1d12f803fd20",
    q16: "296:8a62bcfed2b15071",
    q17: "1:acda7cf406b52f2a",
    q18: "2:521b0801d98ed051",
    q19: "1:37ab777722211e28",
    q20: "1:dfdab464747eb7f6",
    q21: "1:2d45de6a59cdd4c8",
    q22: "7:347935c169b5aeaa",
  },
  "0.1": {
    q01: "4:baa19b0bb5696e40",
    q02: "44:da1fef6946fccf5d",
    q03: "10:0cef07f262fa6be0",
    q04: "5:5cc435067d52c1de",
    q05: "5:b81746367b3e730a",
    q06: "1:351dc11df54b51a5",
    q07: "4:4670b0c747954198",
    q08: "2:fa74cc8940d18b16",
    q09: "175:6a4dbca5e30022f2",
    q10: "20:924ac7be0ef98c60",
    q11: "2541:3af6b47a92cc8091",
    q12: "2:99bf74a85208aa9d",
    q13: "37:8681bf7e9111af67",
    q14: "1:6a25b9cb839db110",
    q15: "1:13a10a38f1a20695",
    q16: "2762:d408578aaa58c346",
    q17: "1:511ce7290e84c722",
    q18: "5:3936d10c32f35e38",
    q19: "1:6ab16aab1f66f65a",
    q20: "9:8dda7e16761d76b6",
    q21: "47:59d89f072c402fe0",
    q22: "7:2a1a3bba2e87d640",
  },
  "1": {
    q01: "4:0e9b0db4d20c6f6a",
    q02: "100:5f8bb9e2285115c7",
    q03: "10:e1b71fff82e8d9fd",
    q04: "5:f35b6a580a7017ee",
    q05: "5:71e145f2ce4c9eff",
    q06: "1:fe28e2527823fb39",
    q07: "4:a9b8465e2fa0043e",
    q08: "2:506328e5bc3cef41",
    q09: "175:98793ce6a7630083",
    q10: "20:3aa03c024d10e1c6",
    q11: "1048:1a5a0604a08c1edb",
    q12: "2:ec6b25dd88f2fa45",
    q13: "42:86a0081f94898868",
    q14: "1:7305a4cb88b3fd7b",
    q15: "1:ea22e0823d43245c",
    q16: "18314:7efb410eda51e093",
    q17: "1:bd86b372ac3d2f65",
    q18: "57:f6609c1918207484",
    q19: "1:118113402029a222",
    q20: "186:82c63df2062f36f0",
    q21: "100:032dd1a07c7af070",
    q22: "7:b7ae443386bf53b6",
  },
};

/** The expected checksum of a query, for the scale factors that have one. */
export function expectedChecksum(queryName: string, scaleFactor: number): string | undefined {
  return CHECKSUMS[String(scaleFactor)]?.[queryName];
}

/** The checksum of the rows that a query (`q01` to `q22`) returned. */
export function checksumOfRows(queryName: string, rows: readonly (readonly AnswerValue[])[]): string {
  const lines = canonicalRows(queryName, rows);
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  }
  return `${lines.length}:${hash.toString(16).padStart(16, "0")}`;
}

/** The lines under the checksum, to see where two results differ. */
export function canonicalRows(queryName: string, rows: readonly (readonly AnswerValue[])[]): string[] {
  const form = FORMS[queryName];
  if (form === undefined) {
    throw new QueryError("invalid-parameter", `There is no query ${queryName}`, {
      hint: "choose one from q01 to q22",
      details: { queryName },
    });
  }
  const kinds = [...form.columns];
  const lines = rows.map((row) => {
    if (row.length !== kinds.length) {
      throw new QueryError("invalid-parameter", `A row of ${queryName} has ${row.length} columns`, {
        hint: `it should have ${kinds.length}`,
        details: { queryName, row },
      });
    }
    return kinds.map((kind, i) => canonicalValue(kind, row[i]!)).join("|");
  });
  return form.sorted ? lines.sort() : lines;
}

function canonicalValue(kind: string, value: AnswerValue): string {
  if (value === null) return "NULL";
  if (kind === "d") return canonicalDate(value);
  const text = typeof value === "number" && String(value).includes("e")
    ? value.toFixed(10)
    : String(value).trim();
  const places = PLACES[kind];
  if (places === undefined) return text;
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (parts === null) return text;
  return canonicalNumber(parts[1] === "-", parts[2]!, parts[3] ?? "", places);
}

function canonicalDate(value: AnswerValue): string {
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (typeof value === "number") return new Date(value * MILLISECONDS_PER_DAY).toISOString().slice(0, 10);
  return String(value).slice(0, 10);
}

function canonicalNumber(negative: boolean, whole: string, fraction: string, places: number): string {
  const digits = fraction.padEnd(EXACT_PLACES + 1, "0");
  let scaled = BigInt(whole + digits.slice(0, EXACT_PLACES));
  if (digits[EXACT_PLACES]! >= "5") scaled += 1n;
  const unit = 10n ** BigInt(EXACT_PLACES - places);
  const rounded = ((scaled + unit / 2n) / unit).toString().padStart(places + 1, "0");
  const text = places === 0 ? rounded : `${rounded.slice(0, -places)}.${rounded.slice(-places)}`;
  return negative && /[1-9]/.test(text) ? `-${text}` : text;
}
