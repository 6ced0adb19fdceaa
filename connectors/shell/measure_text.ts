/**
 * Numbers with units for people: counts, bytes, durations, rates.
 *
 * @module
 */

/** `1234567` as `1,234,567`. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** A count in at most three digits and a unit: `6.0 M`. */
export function shortCount(count: number): string {
  if (count < 10_000) return countText(Math.round(count));
  if (count < 999_500) return `${(count / 1e3).toFixed(count < 99_500 ? 1 : 0)} K`;
  if (count < 999.5e6) return `${(count / 1e6).toFixed(count < 99.5e6 ? 1 : 0)} M`;
  return `${(count / 1e9).toFixed(1)} G`;
}

/** `count` with the noun in its number: `1 row`, `2 rows`. */
export function counted(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Bytes in binary units: `40.1 MiB`. */
export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${units[unit]}`;
}

/** A duration: `0.84 ms`, `84 ms`, `8.4 s`, `1 min 24 s`. */
export function durationText(ms: number): string {
  if (ms < 9.995) return `${ms.toFixed(2)} ms`;
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9995 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
