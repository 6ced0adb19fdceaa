/**
 * The words with a role in the grammar, by what they may not be.
 *
 * PostgreSQL sorts its keywords into four classes; these sets follow them where the class decides whether a
 * text is accepted. All other keywords are ordinary names and are recognised by position only.
 *
 * @module
 */
function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}

/** Never a name unless quoted: PostgreSQL's reserved words and QUALIFY. */
export const RESERVED: ReadonlySet<string> = words(
  "all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create " +
    "current_catalog current_date current_role current_time current_timestamp current_user " +
    "default deferrable desc distinct do else end except false fetch for foreign from grant group having in " +
    "initially intersect into lateral leading limit localtime localtimestamp not null offset on only or order " +
    "placing primary references returning select session_user some symmetric system_user table then to trailing " +
    "true union unique user using variadic when where window with qualify",
);

/** May name a function or a type, but no column and no table alias. */
export const JOIN_WORDS: ReadonlySet<string> = words(
  "authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull join left " +
    "like natural notnull outer overlaps right similar tablesample verbose",
);

/** May name a column or a table, but no function: their call has a grammar of its own. */
export const CALL_WORDS: ReadonlySet<string> = words(
  "between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout int " +
    "integer interval json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar " +
    "json_serialize json_table json_value least merge_action national nchar none normalize nullif numeric out " +
    "overlay position precision real row setof smallint substring time timestamp treat trim values varchar " +
    "xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable",
);

/** Of {@linkcode CALL_WORDS}, those that name a type. */
export const TYPE_WORDS: ReadonlySet<string> = words(
  "bigint bit boolean char character dec decimal float int integer interval json national nchar numeric real " +
    "smallint time timestamp varchar",
);

/** Of {@linkcode CALL_WORDS}, those that can be called with a plain argument list all the same. */
export const CALLABLE_WORDS: ReadonlySet<string> = words(
  "coalesce greatest least grouping nullif json json_array json_arrayagg json_object json_objectagg json_scalar " +
    "json_serialize json_value json_query json_exists normalize overlay position substring trim extract merge_action " +
    "treat row values",
);

/** No column alias without AS: PostgreSQL's AS_LABEL keywords, with QUALIFY and MINUS. */
export const NOT_COLUMN_ALIAS: ReadonlySet<string> = words(
  "array as char character create day except fetch filter for from grant group having hour intersect into isnull " +
    "limit minute month notnull offset on order over overlaps precision returning second to union varying where " +
    "window with within without year qualify minus",
);

/** End a table reference, so that they are no table alias without AS. */
export const NOT_TABLE_ALIAS: ReadonlySet<string> = new Set([
  ...RESERVED,
  ...JOIN_WORDS,
  ...words("set pivot unpivot sample match_condition semi anti asof minus start connect"),
]);

/** Functions that are called without parentheses. */
export const NILADIC: ReadonlySet<string> = words(
  "current_date current_time current_timestamp localtime localtimestamp current_user session_user system_user " +
    "current_role current_catalog current_schema user",
);

/** Fields of an interval, singular and plural. */
export const INTERVAL_UNITS: ReadonlySet<string> = words(
  "year years month months day days hour hours minute minutes second seconds week weeks quarter quarters " +
    "millisecond milliseconds microsecond microseconds",
);

/** Words that go on after a parenthesised query. */
export const QUERY_TAIL: ReadonlySet<string> = words(
  "union intersect except minus order limit offset fetch for",
);

/** Words that begin the name of a join. */
export const JOIN_STARTS: ReadonlySet<string> = words(
  "join inner left right full cross natural asof semi anti",
);
