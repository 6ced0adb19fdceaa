/**
 * What is compared with PostgreSQL: functions, operators and casts over literals, mostly every function of
 * a family with every value of a list.
 *
 * @module
 */

/** One expression. Arguments are written `text::type`. */
export interface AgreementCase {
  readonly family: string;
  /** Registry name, or `cast type`. */
  readonly name: string;
  readonly args: readonly string[];
  /** The expression in SQL, with `$1` for the first argument; by default `name(args)`. */
  readonly sql?: string;
}

/** Every combination of one element of each list. */
function combinations(lists: readonly (readonly string[])[]): string[][] {
  return lists.reduce<string[][]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [
    [],
  ]);
}

function calls(
  family: string,
  names: readonly string[],
  ...lists: readonly (readonly string[])[]
): AgreementCase[] {
  return names.flatMap((name) => combinations(lists).map((args) => ({ family, name, args })));
}

function binary(
  family: string,
  operators: readonly string[],
  left: readonly string[],
  right: readonly string[],
): AgreementCase[] {
  return operators.flatMap((name) =>
    combinations([left, right]).map((args) => ({ family, name, args, sql: `$1 ${name} $2` }))
  );
}

/** The registry name and the operator of each prefix operator. */
const PREFIXES: Readonly<Record<string, string>> = { "negate": "-", "bitwise not": "~", "@": "@" };

function prefix(family: string, names: readonly string[], values: readonly string[]): AgreementCase[] {
  return names.flatMap((name) =>
    values.map((value) => ({ family, name, args: [value], sql: `${PREFIXES[name]} ($1)` }))
  );
}

function casts(family: string, types: readonly string[], values: readonly string[]): AgreementCase[] {
  return types.flatMap((type) =>
    values.map((value) => ({ family, name: `cast ${type}`, args: [value], sql: `$1::${type}` }))
  );
}

/** Single expressions: registry name, SQL, arguments. */
function single(
  family: string,
  ...rows: readonly (readonly [string, string, ...string[]])[]
): AgreementCase[] {
  return rows.map(([name, sql, ...args]) => ({ family, name, sql, args }));
}

const INTEGERS = [
  "0::integer",
  "7::integer",
  "-7::integer",
  "2147483647::integer",
  "-2147483648::integer",
  "2::smallint",
  "9007199254740993::bigint",
  "-9223372036854775808::bigint",
];
const DECIMALS = [
  "0.00::decimal(10,2)",
  "1.50::decimal(10,2)",
  "-2.345::decimal(12,3)",
  "12345678901234567890.12::decimal(30,2)",
  "3::numeric",
  "0.0001::numeric",
  "-123456.789012345::numeric",
  "1e20::numeric",
  "NaN::numeric",
  "Infinity::numeric",
];
const DOUBLES = [
  "0::float8",
  "1.5::float8",
  "-2.5::float8",
  "0.1::float8",
  "1e15::float8",
  "1e-5::float8",
  "123456789012345678::float8",
  "NaN::float8",
  "-Infinity::float8",
  "0.1::real",
  "1e6::real",
];
const NUMBERS = [...INTEGERS, ...DECIMALS, ...DOUBLES];

const OPERATOR_CASES = [
  ...binary("arithmetic", ["+", "-", "*", "/", "%"], [...INTEGERS, ...DECIMALS.slice(0, 9)], [
    ...INTEGERS,
    ...DECIMALS.slice(0, 9),
  ]).filter((test) => !(test.name === "%" && test.args.some((arg) => arg.startsWith("NaN")))),
  ...binary("double arithmetic", ["+", "-", "*", "/"], DOUBLES, [
    ...DOUBLES,
    "3::integer",
    "1.50::decimal(10,2)",
  ]),
  ...binary("comparison", ["=", "<>", "<", "<=", ">", ">="], NUMBERS, [
    "7::integer",
    "1.5::decimal(3,1)",
    "9007199254740993::bigint",
    "0.1::float8",
    "NaN::numeric",
    "1.50::numeric",
  ]),
  ...binary("bits", ["&", "|", "#"], ["5::integer", "-3::integer"], [
    "3::integer",
    "-8::integer",
    "12345678901::bigint",
  ]),
  ...binary("bits", ["<<", ">>"], ["5::integer", "-3::integer", "12345678901::bigint", "3::smallint"], [
    "1::integer",
    "4::integer",
  ]),
  ...prefix("bits", ["bitwise not"], ["5::integer", "-1::bigint", "7::smallint"]),
  ...prefix("signs", ["negate", "@"], NUMBERS.filter((value) => !value.startsWith("-9223372036854775808"))),
];

const MATH_CASES = [
  ...calls("rounding", ["round", "trunc", "ceil", "floor", "sign", "abs"], NUMBERS),
  ...calls("rounding", ["round", "trunc"], [
    "2.5::numeric",
    "-2.5::numeric",
    "1234.5678::numeric",
    "0.005::decimal(10,3)",
    "15::integer",
  ], ["0::integer", "2::integer", "-2::integer", "5::integer"]),
  ...calls("rounding", ["round"], [
    "0.5::float8",
    "1.5::float8",
    "2.5::float8",
    "-0.5::float8",
    "-1.5::float8",
  ]),
  ...calls("roots", ["sqrt", "ln", "exp", "log", "cbrt"], [
    "2::numeric",
    "0.5::decimal(5,2)",
    "10::integer",
    "100.000::numeric",
    "12345.6789::numeric",
    "0.00001234::numeric",
    "1.0000001::numeric",
    "2::float8",
    "1::numeric",
    "0::numeric",
    "-1::numeric",
  ]),
  ...calls("powers", ["power"], [
    "2::numeric",
    "1.5::numeric",
    "0.5::numeric",
    "-3::numeric",
    "0::numeric",
    "10.25::decimal(6,2)",
    "2::integer",
    "2.5::float8",
  ], [
    "0::numeric",
    "1::numeric",
    "2::numeric",
    "10::numeric",
    "-3::numeric",
    "0.5::numeric",
    "3::integer",
    "-2.5::numeric",
  ]),
  ...binary("powers", ["^"], ["2::numeric", "2::integer"], ["0.5::numeric", "8::integer"]),
  ...calls("number theory", ["gcd", "lcm", "mod", "div"], [
    "12::integer",
    "-18::integer",
    "7.5::numeric",
    "1000000007::bigint",
  ], ["8::integer", "2.5::numeric", "3::bigint"]),
  ...calls("number theory", ["factorial"], ["0::bigint", "5::bigint", "25::bigint"]),
  ...calls("scales", ["scale", "min_scale", "trim_scale"], [
    "1.500::numeric",
    "100::numeric",
    "0.000::numeric",
  ]),
  ...calls("trigonometry", ["degrees", "radians", "sin", "cos", "atan", "tanh"], [
    "0::float8",
    "1::float8",
    "180::float8",
  ]),
  ...calls("logarithm", ["log"], ["2::numeric", "10::numeric", "3.5::numeric"], [
    "64::numeric",
    "0.001::numeric",
    "1000::numeric",
  ]),
  ...calls(
    "buckets",
    ["width_bucket"],
    ["5.35::numeric", "0::numeric", "11::numeric", "-1::numeric"],
    ["0::numeric"],
    ["10::numeric"],
    ["5::integer"],
  ),
  ...calls("buckets", ["width_bucket"], ["5.35::float8", "9.99::float8"], ["10::float8"], ["0::float8"], [
    "5::integer",
  ]),
];

const WORDS = [
  "::text",
  "hello::text",
  "Hello World::text",
  "  padded  ::text",
  "äöü é::text",
  "a😀b::text",
  'it\'s \\ "q"::text',
];

const TEXT_CASES = [
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

const DATES = [
  "2024-02-29::date",
  "1999-12-31::date",
  "2020-01-01::date",
  "0044-03-15 BC::date",
  "1582-10-10::date",
];
const TIMESTAMPS = [
  "2024-02-29 12:34:56.789012::timestamp",
  "1969-12-31 23:59:59.5::timestamp",
  "2000-01-01 00:00:00::timestamp",
  "0001-01-01 00:00:00::timestamp",
  "2024-12-30 23:59:59::timestamp",
  "9999-12-31 23:59:59::timestamp",
];
const ZONED = ["2024-03-10 12:00:00+02::timestamptz", "2024-07-01 00:00:00Z::timestamptz"];
const INTERVALS = [
  "1 day::interval",
  "1 month::interval",
  "-1 year 2 mons 3 days 04:05:06.789::interval",
  "36:00:00::interval",
  "1.5 months::interval",
  "2 weeks 3 hours::interval",
  "-00:00:01.5::interval",
  "0::interval",
];
const FIELDS = [
  "microseconds",
  "milliseconds",
  "second",
  "minute",
  "hour",
  "day",
  "week",
  "month",
  "quarter",
  "year",
  "decade",
  "century",
  "millennium",
  "dow",
  "isodow",
  "doy",
  "isoyear",
  "julian",
  "epoch",
  "timezone",
].map((field) => `${field}::text`);

const DATE_CASES = [
  ...FIELDS.flatMap((field) =>
    [...DATES, ...TIMESTAMPS, ...ZONED, ...INTERVALS, "12:34:56.5::time"].map((value) => ({
      family: "fields",
      name: "extract",
      args: [field, value],
      sql: `extract(${field.split("::")[0]} from $2)`,
    }))
  ),
  ...calls("fields", ["date_part"], FIELDS, [
    ...DATES.slice(0, 3),
    ...TIMESTAMPS.slice(0, 3),
    ...INTERVALS.slice(0, 3),
  ]),
  ...calls("truncation", ["date_trunc"], FIELDS.slice(0, 13), [...TIMESTAMPS, ...ZONED, ...INTERVALS]),
  ...calls("truncation", ["date_trunc"], ["day::text", "hour::text", "month::text", "week::text"], [
    "2024-03-10 12:00:00+02::timestamptz",
    "2024-11-03 06:30:00Z::timestamptz",
  ], ["America/New_York::text", "Asia/Kathmandu::text", "UTC::text"]),
  ...calls(
    "truncation",
    ["date_bin"],
    ["15 minutes::interval", "1 day::interval", "7 days 3 hours::interval"],
    ["2024-02-29 12:34:56.789012::timestamp", "1999-01-01 00:00::timestamp"],
    ["2001-01-01 00:02:30::timestamp"],
  ),
  ...binary("date arithmetic", ["+", "-"], [...DATES, ...TIMESTAMPS, ...ZONED], INTERVALS),
  ...binary("date arithmetic", ["+", "-"], DATES, ["1::integer", "-400::integer"]),
  ...binary("date arithmetic", ["-"], DATES, DATES),
  ...binary("date arithmetic", ["-"], TIMESTAMPS, TIMESTAMPS),
  ...binary("date arithmetic", ["+"], DATES, ["12:30:00::time"]),
  ...binary("date arithmetic", ["+", "-"], ["12:30:00::time", "23:59:59.5::time"], INTERVALS),
  ...binary("date arithmetic", ["-"], ["12:30:00::time"], ["23:59:59.5::time"]),
  ...calls("ages", ["age"], TIMESTAMPS, TIMESTAMPS),
  ...binary("intervals", ["+", "-"], INTERVALS, INTERVALS),
  ...binary("intervals", ["*", "/"], INTERVALS, [
    "2::integer",
    "1.5::float8",
    "-3::integer",
    "0.3::numeric",
    "7::float8",
  ]),
  ...binary("intervals", ["=", "<", ">="], INTERVALS, INTERVALS),
  ...calls("intervals", ["justify_hours", "justify_days", "justify_interval"], [
    ...INTERVALS,
    "45 days -50 hours::interval",
    "-1 mon 40 days::interval",
    "1 mon -1 hour::interval",
  ]),
  ...prefix("intervals", ["negate"], INTERVALS),
  ...calls("making", ["make_date"], ["2024::integer", "-44::integer"], ["2::integer", "13::integer"], [
    "29::integer",
    "30::integer",
  ]),
  ...calls("making", ["make_time"], ["8::integer", "24::integer"], ["15::integer", "60::integer"], [
    "23.5::float8",
  ]),
  ...calls("making", ["make_timestamp"], ["2013::integer"], ["7::integer"], ["15::integer"], ["8::integer"], [
    "15::integer",
  ], ["23.5::float8", "60::float8"]),
  ...calls(
    "making",
    ["make_interval"],
    ["1::integer"],
    ["2::integer"],
    ["3::integer"],
    ["4::integer"],
    ["5::integer"],
    ["6::integer"],
    ["7.5::float8"],
  ),
  ...[
    "America/New_York::text",
    "Europe/Berlin::text",
    "Asia/Kolkata::text",
    "EST::text",
    "UTC::text",
    "Nowhere/Else::text",
    "Australia/Lord_Howe::text",
  ].flatMap((zone) =>
    [
      "2024-03-10 02:30:00::timestamp",
      "2024-11-03 01:30:00::timestamp",
      "2024-03-31 02:30:00::timestamp",
      "2024-10-27 02:30:00::timestamp",
      "2024-07-01 12:00:00::timestamp",
      "1900-01-01 00:00:00::timestamp",
      ...ZONED,
    ].map((at) => ({ family: "zones", name: "timezone", args: [zone, at], sql: "$2 at time zone $1" }))
  ),
  ...single("overlaps", [
    "overlaps",
    "($1, $2) overlaps ($3, $4)",
    "2001-02-16::date",
    "2001-12-21::date",
    "2001-10-30::date",
    "2002-10-30::date",
  ], [
    "overlaps",
    "($1, $2) overlaps ($3, $4)",
    "2001-02-16::date",
    "2001-10-30::date",
    "2001-10-30::date",
    "2002-10-30::date",
  ], [
    "overlaps",
    "($1, $2) overlaps ($3, $4)",
    "2001-10-30::date",
    "2001-10-30::date",
    "2001-10-30::date",
    "2001-10-31::date",
  ], [
    "overlaps",
    "($1, $2) overlaps ($3, $4)",
    "2001-10-30 00:00::timestamp",
    "1 day::interval",
    "2001-10-30 12:00::timestamp",
    "2 days::interval",
  ]),
];

const CAST_CASES = [
  ...casts("casts of numbers", [
    "smallint",
    "integer",
    "bigint",
    "decimal(10,2)",
    "numeric",
    "float8",
    "real",
    "text",
    "varchar(3)",
  ], [...NUMBERS, "2.5::float8", "3.5::float8", "-2.5::numeric", "0.5::float8"]),
  ...casts("casts of text", ["integer", "bigint", "numeric", "decimal(5,2)", "float8", "real"], [
    "12::text",
    " -7 ::text",
    "1e3::text",
    "1.005::text",
    "999.995::text",
    "abc::text",
    "::text",
    "0x1F::text",
    "1_000::text",
    "NaN::text",
    "inf::text",
    "1e400::text",
    "+5::text",
    ".5::text",
    "5.::text",
    "1e-400::text",
    "99999999999999999999::text",
  ]),
  ...casts("casts of text", ["boolean"], [
    "t::text",
    "TRUE::text",
    "yes::text",
    "o::text",
    "on::text",
    "OFF::text",
    "0::text",
    "2::text",
    " f ::text",
  ]),
  ...casts("casts of text", ["varchar(3)", "char(5)"], ["abc::text", "abcdef::text", "ab  ::text", "::text"]),
  ...casts(
    "casts of text",
    ["date"],
    [
      "2024-02-29",
      "2023-02-29",
      "20240229",
      "January 8, 1999",
      "8 Jan 1999",
      "Jan-08-1999",
      "08-Jan-1999",
      "1999-Jan-08",
      "1/8/1999",
      "1/18/99",
      "1999.008",
      "J2451187",
      "1999-01-08 12:00:00",
      "epoch",
      "0044-03-15 BC",
      "2024-13-01",
      "2024-1-5",
      "99-01-08",
      "Mon Jan 8 1999",
      "January 8, 99 BC",
      "",
      "garbage",
      "1999-01-08T00:00:00Z",
      "5874897-12-31",
      "5874898-01-01",
    ].map((text) => `${text}::text`),
  ),
  ...casts(
    "casts of text",
    ["time"],
    [
      "04:05:06.789",
      "04:05",
      "040506",
      "04:05 AM",
      "04:05 PM",
      "12:00 AM",
      "24:00:00",
      "25:00",
      "23:59:60",
      "2024-01-01 10:11:12",
      "12:34:56.7890126",
    ].map((text) => `${text}::text`),
  ),
  ...casts(
    "casts of text",
    ["timestamp", "timestamptz"],
    [
      "2024-02-29 12:34:56.789012",
      "2024-02-29T12:34:56Z",
      "2024-02-29 12:34:56+05:30",
      "2024-02-29 12:34:56-0800",
      "2024-02-29",
      "Feb 29 2024 3:04 PM",
      "20240229T123456",
      "2024-02-29 24:00:00",
      "2024-02-29 12:34:60",
      "2024-02-29 12:34:56 America/New_York",
      "2024-02-29 12:34:56 EST",
      "1999-01-08 04:05:06 BC",
      "epoch",
      "2024-02-30 00:00",
      "12:00",
      "2024-02-29 12:34:56.1234567",
      "Thu Feb 29 12:34:56 2024",
      "2024-02-29 1:2:3",
      "2024-02-29 12",
      "1700-01-01 00:00:00",
    ].map((text) => `${text}::text`),
  ),
  ...casts(
    "casts of text",
    ["interval"],
    [
      "1 day",
      "1 year 2 mons 3 days 04:05:06.7",
      "@ 1 minute ago",
      "1-2",
      "3 4:05:06",
      "-1-2 3 -4:05:06",
      "P1Y2M3DT4H5M6S",
      "P0001-02-03T04:05:06",
      "1.5 years",
      "1.5 months",
      "1.55 mon",
      "1.5 days",
      "1.5 weeks",
      "2 centuries",
      "1 decade 3 years",
      "-3 days 2 hours",
      "1 hour ago",
      "04:05",
      "-04:05:06.5",
      "1:02:03.456789",
      "5",
      "5.5",
      "1 fortnight",
      "",
      "P1.5D",
      "PT36H",
      "-P1D",
      "P1W",
      "1 mon 1 mon",
      "3 days 04:05:06 ago",
      "1d 2h 3m 4s",
      "100 ms",
      "7 us",
      "1.5 h",
      "0.5 sec",
      "1e3 s",
    ].map((text) => `${text}::text`),
  ),
  ...casts(
    "casts of text",
    ["integer[]", "text[]"],
    ["{1,2,3}", "{}", "{1,NULL,3}", "{{1,2},{3,4}}", '{"a b",c}', "{1,}", "{ 1 , 2 }", "1,2"].map((text) =>
      `${text}::text`
    ),
  ),
  ...casts(
    "casts of text",
    ["jsonb"],
    [
      '{"b": 1, "aa": [1, 2.50, null], "a": {"x": "y"}}',
      '[1, "a\\u00e9\\n", true]',
      "1e3",
      '"x"',
      '{"a":1,"a":2}',
      "{a:1}",
      "",
      "01",
      "[1,]",
      " null ",
    ].map((text) => `${text}::text`),
  ),
  ...casts("casts of times", ["date", "text", "time", "timestamp", "timestamptz"], [...TIMESTAMPS, ...ZONED]),
  ...casts("casts of times", ["timestamp", "timestamptz", "text"], DATES),
  ...casts("casts of times", ["time", "text"], INTERVALS),
  ...casts("casts of times", ["interval", "text"], ["12:34:56.5::time"]),
  ...casts("other casts", ["text", "integer"], ["true::boolean", "false::boolean"]),
  ...casts("other casts", ["boolean"], ["0::integer", "5::integer"]),
  ...casts("other casts", ["text[]", "bigint[]", "text"], ["{1,2,NULL}::integer[]"]),
  ...casts("other casts", ["integer", "numeric", "boolean", "text", "float8"], [
    "1.5::jsonb",
    "true::jsonb",
    '"x"::jsonb',
    "12::jsonb",
  ]),
];

const CONDITIONAL_CASES = [
  ...calls("conditional", ["greatest", "least"], ["1::integer", "NULL::integer"], [
    "2.50::numeric",
    "NULL::numeric",
  ], ["2::bigint", "3.5::float8"]),
  ...calls("conditional", ["nullif"], ["1::integer", "2::integer", "NULL::integer"], [
    "1::integer",
    "1.0::numeric",
  ]),
  ...calls("conditional", ["greatest", "least"], ["a::text", "B::text"], ["ä::text", "NULL::text"]),
  ...binary("conditional", ["is distinct from", "is not distinct from"], ["1::integer", "NULL::integer"], [
    "1::integer",
    "NULL::integer",
    "2::integer",
  ]),
  ...calls("conditional", ["num_nulls", "num_nonnulls"], ["1::integer", "NULL::integer"], ["NULL::text"]),
];

/** All cases. */
export const AGREEMENT_CASES: readonly AgreementCase[] = [
  ...OPERATOR_CASES,
  ...MATH_CASES,
  ...TEXT_CASES,
  ...DATE_CASES,
  ...CAST_CASES,
  ...CONDITIONAL_CASES,
].filter((test) => test.args.length > 0);
