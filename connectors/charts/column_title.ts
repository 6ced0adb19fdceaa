/**
 * Names of columns as people read them: `o_orderdate` is "Order date", `total_revenue` is "Total revenue".
 *
 * A name is cut at underscores and capitals; a table's prefix of one letter (or of two consonants, `ps_`) goes; two
 * known words written as one are cut apart; short forms are written out. Words that are not known stay as they are,
 * so a name is never made worse. Linear in the length of the name.
 *
 * @module
 */

/** First halves of words written as one. */
const HEADS: readonly string[] = [
  ..."account acct avail birth clerk commit created customer cust due end event extended file first full"
    .split(" "),
  ..."gross invoice item last line list market mkt nation net order part pay product receipt region".split(
    " ",
  ),
  ..."retail return sales sale ship start supplier supply supp total unit updated user".split(" "),
];

/** Second halves of words written as one. */
const TAILS: readonly string[] = [
  ..."at amount balance bal code cost count date flag id instruct key mode month name number price".split(
    " ",
  ),
  ..."priority qty quantity segment size status time type value year".split(" "),
];

/** Short forms, and words with capitals of their own. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ["acct", "account"],
  ["amt", "amount"],
  ["avail", "available"],
  ["avg", "average"],
  ["bal", "balance"],
  ["cnt", "count"],
  ["cust", "customer"],
  ["instruct", "instruction"],
  ["mkt", "market"],
  ["num", "number"],
  ["pct", "percent"],
  ["qty", "quantity"],
  ["stddev", "standard deviation"],
  ["supp", "supplier"],
  ["api", "API"],
  ["chf", "CHF"],
  ["eur", "EUR"],
  ["gbp", "GBP"],
  ["id", "ID"],
  ["ip", "IP"],
  ["kpi", "KPI"],
  ["sku", "SKU"],
  ["sql", "SQL"],
  ["url", "URL"],
  ["usd", "USD"],
  ["uuid", "UUID"],
]);

/** `o_orderdate` as "Order date". */
export function columnTitle(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .split(/[\s_.\-]+/)
    .filter((word) => word !== "");
  if (words.length === 0) return name;
  if (words.length > 1 && isTablePrefix(words[0]!)) words.shift();
  const text = words.flatMap(cutApart).map(writtenOut).join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function isTablePrefix(word: string): boolean {
  return /^[a-z]$/.test(word) || /^[b-df-hj-np-tv-z]{2}$/.test(word);
}

function cutApart(word: string): readonly string[] {
  const lower = word.toLowerCase();
  for (const head of HEADS) {
    if (lower.startsWith(head) && TAILS.includes(lower.slice(head.length))) {
      return [head, lower.slice(head.length)];
    }
  }
  return [word];
}

/** Words in capitals stay so: they are abbreviations. */
function writtenOut(word: string): string {
  const known = WORDS.get(word.toLowerCase());
  if (known !== undefined) return known;
  return /^[A-Z][A-Z0-9]+$/.test(word) ? word : word.toLowerCase();
}
