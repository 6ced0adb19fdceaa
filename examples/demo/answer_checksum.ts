/**
 * A checksum of an answer, by which two engines can be compared.
 *
 * The canonical form: one line per row, in order, the fields joined by "|"; numbers without trailing zeros,
 * dates in ISO form, NULL as "NULL". The checksum is the number of lines and their 64-bit FNV-1a hash.
 *
 * @module
 */

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/** The checksum of `rows`. */
export function answerChecksum(rows: readonly (readonly unknown[])[]): string {
  const lines = rows.map((row) => `${row.map(fieldText).join("|")}\n`);
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(lines.join(""))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  }
  return `${lines.length}:${hash.toString(16).padStart(16, "0")}`;
}

function fieldText(value: unknown): string {
  if (value === null) return "NULL";
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  return String(value);
}
