/**
 * The value sets of the TPC-H columns: colours of part names, types, containers, brands, nations, and so on.
 * Every set is drawn from uniformly; the index of a value is also its dictionary code in the generated columns.
 *
 * Source: TPC Benchmark H, standard specification, revision 3.0.1, clauses 4.2.2.13 and 4.2.3.
 *
 * @module
 */

/** The words of `p_name`: five different ones per part. */
export const COLORS: readonly string[] = (
  "almond antique aquamarine azure beige bisque black blanched blue blush brown burlywood burnished " +
  "chartreuse chiffon chocolate coral cornflower cornsilk cream cyan dark deep dim dodger drab firebrick " +
  "floral forest frosted gainsboro ghost goldenrod green grey honeydew hot indian ivory khaki lace lavender " +
  "lawn lemon light lime linen magenta maroon medium metallic midnight mint misty moccasin navajo navy olive " +
  "orange orchid pale papaya peach peru pink plum powder puff purple red rose rosy royal saddle salmon sandy " +
  "seashell sienna sky slate smoke snow spring steel tan thistle tomato turquoise violet wheat white yellow"
).split(" ");

/** `p_type`: 150 combinations of three words. */
export const PART_TYPES: readonly string[] = combine(
  ["STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"],
  combine(["ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"], [
    "TIN",
    "NICKEL",
    "BRASS",
    "STEEL",
    "COPPER",
  ]),
);

/** `p_container`: 40 combinations of two words. */
export const CONTAINERS: readonly string[] = combine(
  ["SM", "LG", "MED", "JUMBO", "WRAP"],
  ["CASE", "BOX", "BAG", "JAR", "PACK", "PKG", "CAN", "DRUM"],
);

/** `p_mfgr`. */
export const MANUFACTURERS: readonly string[] = ["1", "2", "3", "4", "5"].map((digit) =>
  `Manufacturer#${digit}`
);

/** `p_brand`: five brands of each manufacturer. */
export const BRANDS: readonly string[] = ["1", "2", "3", "4", "5"].flatMap((manufacturer) =>
  ["1", "2", "3", "4", "5"].map((brand) => `Brand#${manufacturer}${brand}`)
);

/** `c_mktsegment`. */
export const SEGMENTS: readonly string[] = ["AUTOMOBILE", "BUILDING", "FURNITURE", "HOUSEHOLD", "MACHINERY"];

/** `o_orderpriority`. */
export const PRIORITIES: readonly string[] = ["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"];

/** `o_orderstatus`: all lines shipped, none, or some. */
export const ORDER_STATUSES: readonly string[] = ["F", "O", "P"];

/** `l_shipinstruct`. */
export const INSTRUCTIONS: readonly string[] = [
  "DELIVER IN PERSON",
  "COLLECT COD",
  "TAKE BACK RETURN",
  "NONE",
];

/** `l_shipmode`. */
export const SHIP_MODES: readonly string[] = ["REG AIR", "AIR", "RAIL", "TRUCK", "MAIL", "FOB", "SHIP"];

/** `l_returnflag`: returned or accepted, both drawn, and not yet received. */
export const RETURN_FLAGS: readonly string[] = ["R", "A", "N"];

/** `l_linestatus`: shipped before the current date, or not. */
export const LINE_STATUSES: readonly string[] = ["F", "O"];

/** `r_name`, by `r_regionkey`. */
export const REGIONS: readonly string[] = ["AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"];

/** `n_name`, by `n_nationkey`. */
export const NATIONS: readonly string[] = [
  "ALGERIA",
  "ARGENTINA",
  "BRAZIL",
  "CANADA",
  "EGYPT",
  "ETHIOPIA",
  "FRANCE",
  "GERMANY",
  "INDIA",
  "INDONESIA",
  "IRAN",
  "IRAQ",
  "JAPAN",
  "JORDAN",
  "KENYA",
  "MOROCCO",
  "MOZAMBIQUE",
  "PERU",
  "CHINA",
  "ROMANIA",
  "SAUDI ARABIA",
  "VIETNAM",
  "RUSSIA",
  "UNITED KINGDOM",
  "UNITED STATES",
];

/** `n_regionkey`, by `n_nationkey`. */
export const NATION_REGIONS: readonly number[] = [
  ...[0, 1, 1, 1, 4, 0, 3, 3, 2, 2, 4, 4, 2],
  ...[4, 0, 0, 0, 1, 2, 3, 4, 2, 3, 3, 1],
];

function combine(first: readonly string[], second: readonly string[]): readonly string[] {
  return first.flatMap((left) => second.map((right) => `${left} ${right}`));
}
