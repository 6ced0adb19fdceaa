/**
 * Where the library differs from PostgreSQL on purpose, and why.
 *
 * @module
 */

/** SQL of cases that are left out, with the reason. */
export const DEVIATIONS: readonly { readonly sql: RegExp; readonly reason: string }[] = [
  { sql: /9999-12-31.*06\.789/, reason: "a timestamp that far away cannot keep its microseconds: refused" },
  { sql: /\$NaN\$v\$::\w+::decimal/, reason: "a fixed point DECIMAL has no NaN: refused" },
  { sql: /\$0x1F\$v\$::text::(?:float8|real)/, reason: "hexadecimal text is read for exact types only" },
];
