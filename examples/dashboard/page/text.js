/** `UNITED STATES` as `United States`. */
export function titleCase(text) {
  return text.toLowerCase().replace(/(^|[\s-])\w/g, (letter) => letter.toUpperCase());
}
