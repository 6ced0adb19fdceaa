/**
 * Text functions, patterns and regular expressions.
 *
 * @module
 */
import { type AgreementCase, binary, calls, single } from "./agreement_case.ts";

const WORDS = [
  "::text",
  "hello::text",
  "Hello World::text",
  "  padded  ::text",
  "äöü é::text",
  "a😀b::text",
  'it\'s \\ "q"::text',
];

/** Text functions, patterns and regular expressions. */
export const TEXT_CASES: readonly AgreementCase[] = [
  ...calls("text", [
    "length",
    "octet_length",
    "bit_length",
    "upper",
    "lower",
    "initcap",
    "reverse",
    "ascii",
    "quote_ident",
    "quote_literal",
    "btrim",
    "ltrim",
    "rtrim",
  ], WORDS),
  ...calls("text", ["left", "right", "repeat"], WORDS, [
    "0::integer",
    "2::integer",
    "-2::integer",
    "50::integer",
  ]),
  ...calls("text", ["lpad", "rpad"], WORDS, ["0::integer", "3::integer", "12::integer"]),
  ...calls("text", ["lpad", "rpad"], ["hi::text", "hello::text"], ["7::integer", "2::integer"], [
    "xy::text",
    "::text",
    "😀::text",
  ]),
  ...calls("text", ["substring", "substr"], WORDS, [
    "-1::integer",
    "0::integer",
    "2::integer",
    "100::integer",
  ]),
  ...calls("text", ["substring"], WORDS, ["-1::integer", "2::integer"], [
    "0::integer",
    "3::integer",
    "-1::integer",
  ]),
  ...calls("text", ["strpos", "starts_with"], WORDS, ["l::text", "::text", "Hello::text", "b::text"]),
  ...calls("text", ["split_part"], ["a,b,c::text", "::text", "abc::text"], [",::text", "::text", "b::text"], [
    "1::integer",
    "2::integer",
    "-1::integer",
    "0::integer",
    "4::integer",
  ]),
  ...calls("text", ["replace", "translate"], ["hello::text", "::text"], ["l::text", "lo::text", "::text"], [
    "X::text",
    "::text",
    "ab::text",
  ]),
  ...calls("text", ["overlay"], [], []),
  ...single(
    "text",
    ["overlay", "overlay($1 placing $2 from $3)", "Txxxxas::text", "hom::text", "2::integer"],
    [
      "overlay",
      "overlay($1 placing $2 from $3 for $4)",
      "Txxxxas::text",
      "hom::text",
      "2::integer",
      "4::integer",
    ],
    ["position", "position($1 in $2)", "l::text", "hello::text"],
  ),
  ...calls("text", ["to_hex", "chr"], ["65::integer", "255::integer", "0::integer"]),
  ...calls("text", ["to_hex"], ["-1::integer", "-1::bigint"]),
  ...calls("text", ["concat"], ["a::text", "NULL::text"], [
    "1::integer",
    "1.50::numeric",
    "true::boolean",
    "2024-01-02::date",
  ]),
  ...calls("text", ["concat_ws"], [",::text"], ["a::text", "NULL::text"], ["1::integer", "NULL::integer"]),
  ...calls(
    "text",
    ["format"],
    ["%s-%I-%L-%%::text", "%2$s %1$s %3$10s|::text", "%-5s|%5s|%s::text"],
    ["Hello::text"],
    ["a b::text"],
    ["it's::text"],
  ),
  ...binary("joining", ["||"], ["a::text"], [
    "b::text",
    "NULL::text",
    "1::integer",
    "true::boolean",
    "1.50::numeric",
    "1 day::interval",
  ]),
  ...binary("patterns", ["like", "not like", "ilike"], [
    "hello::text",
    "HELLO::text",
    "a%b::text",
    "::text",
    "a\nb::text",
  ], [
    "h%::text",
    "%l%o::text",
    "_ello::text",
    "a\\%b::text",
    "%::text",
    "::text",
    "h_l%o::text",
    "%e%l%::text",
    "a_b::text",
  ]),
  ...binary("patterns", ["~", "~*", "!~"], ["hello::text", "Foo Bar 12::text", "a\nb::text", "::text"], [
    "l+::text",
    "^h.*o$::text",
    "\\mBar::text",
    "[[:digit:]]{2}::text",
    "(o)\\1::text",
    "^b::text",
    "foo|bar::text",
    "\\d+$::text",
    "a.b::text",
    "[^a-z]::text",
    "(?i)FOO::text",
  ]),
  ...["hello::text", "abc::text", "aXc::text"].flatMap((text) =>
    ["h%::text", "a(b|X)c::text", "[a-z]+::text", "_b_::text", "%(ell|xyz)%::text"].map((pattern) => ({
      family: "patterns",
      name: "similar",
      args: [text, pattern],
      sql: "$1 similar to $2",
    }))
  ),
  ...calls(
    "regular expressions",
    ["regexp_replace"],
    ["foobarbaz::text", "Hello World::text"],
    ["b..::text", "(o)(.)::text", "[aeiou]::text", "$::text"],
    ["X::text", "<\\1\\2>::text", "[\\&]::text"],
    ["::text", "g::text", "gi::text"],
  ),
  ...calls(
    "regular expressions",
    ["regexp_match", "regexp_split_to_array", "regexp_count", "regexp_like", "regexp_substr", "regexp_instr"],
    ["foobarbequebaz::text", "hello world again::text", "::text"],
    ["(bar)(beque)::text", "\\s+::text", "o::text", "\\s*::text", "b..::text", "x::text"],
  ),
  ...calls("regular expressions", ["substring"], ["foobar::text"], ["o.b::text", "o(.)b::text", "x::text"]),
];
