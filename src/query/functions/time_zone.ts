/**
 * Offsets of time zones, from the runtime's zone database through `Intl`, cached.
 *
 * `Intl` answers one instant in some microseconds, too slow for every row. So a zone keeps blocks of eight
 * days: a block holds the offset at its start and, where the offset changes inside, the instant of the
 * change, found once by bisection. A lookup is then one map access, O(1).
 *
 * ```
 * block 2517: |-- -05:00 ------------|change|------ -04:00 --|
 * ```
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from "./calendar.ts";

/** A time zone: its offset from UTC at any instant. */
export interface TimeZone {
  /** IANA name, or how it was written. */
  readonly name: string;
  /** Microseconds to add to UTC to get local time at an instant. */
  offsetAt(utcMicros: number): number;
}

interface Block {
  readonly before: number;
  /** Instant from which `after` holds; Infinity when there is no change. */
  readonly change: number;
  readonly after: number;
}

const BLOCK_MICROS = 8 * MICROS_PER_DAY;
const BLOCKS_MAX = 10_000;
const OFFSET_TEXT = /GMT(?:([+-])(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?)?/;
/** `Intl` takes instants up to 100,000,000 days from 1970. */
const INTL_LIMIT_MS = 8.64e15;

class IntlZone implements TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #blocks = new Map<number, Block>();

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
    this.name = this.#format.resolvedOptions().timeZone;
  }

  offsetAt(utcMicros: number): number {
    const index = Math.floor(utcMicros / BLOCK_MICROS);
    let block = this.#blocks.get(index);
    if (block === undefined) {
      block = this.#readBlock(index);
      if (this.#blocks.size >= BLOCKS_MAX) this.#blocks.clear();
      this.#blocks.set(index, block);
    }
    return utcMicros < block.change ? block.before : block.after;
  }

  #readBlock(index: number): Block {
    let from = index * BLOCK_MICROS;
    let to = from + BLOCK_MICROS;
    const before = this.#read(from);
    const after = this.#read(to - MICROS_PER_SECOND);
    if (before === after) return { before, change: Infinity, after };
    while (to - from > MICROS_PER_SECOND) {
      const middle = from + Math.floor((to - from) / 2 / MICROS_PER_SECOND) * MICROS_PER_SECOND;
      if (this.#read(middle) === before) from = middle;
      else to = middle;
    }
    return { before, change: to, after };
  }

  #read(utcMicros: number): number {
    const ms = Math.max(-INTL_LIMIT_MS, Math.min(Math.floor(utcMicros / 1000), INTL_LIMIT_MS));
    const text = this.#format.formatToParts(ms).find((part) => part.type === "timeZoneName")?.value ?? "GMT";
    const match = OFFSET_TEXT.exec(text);
    if (match === null || match[2] === undefined) return 0;
    const micros = Number(match[2]) * MICROS_PER_HOUR + Number(match[3] ?? 0) * MICROS_PER_MINUTE +
      Number(match[4] ?? 0) * MICROS_PER_SECOND;
    return match[1] === "-" ? -micros : micros;
  }
}

/** A zone whose offset never changes. */
export function fixedZone(name: string, offsetMicros: number): TimeZone {
  return { name, offsetAt: () => offsetMicros };
}

/** Coordinated universal time. */
export const UTC: TimeZone = fixedZone("UTC", 0);

/** Hours from UTC of the abbreviations that PostgreSQL knows by default and that are in common use. */
const ABBREVIATIONS: ReadonlyMap<string, number> = new Map(Object.entries({
  UTC: 0,
  UCT: 0,
  GMT: 0,
  Z: 0,
  ZULU: 0,
  WET: 0,
  WEST: 1,
  BST: 1,
  CET: 1,
  CEST: 2,
  MET: 1,
  MEST: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  MSD: 4,
  SAST: 2,
  IST: 2,
  PKT: 5,
  JST: 9,
  KST: 9,
  SGT: 8,
  HKT: 8,
  AWST: 8,
  AEST: 10,
  AEDT: 11,
  ACST: 9.5,
  ACDT: 10.5,
  NZST: 12,
  NZDT: 13,
  AST: -4,
  ADT: -3,
  NST: -3.5,
  NDT: -2.5,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
  AKST: -9,
  AKDT: -8,
  HST: -10,
  BRT: -3,
  ART: -3,
}));

/** The offset of a zone abbreviation such as `EST`, or undefined. */
export function abbreviationOffset(name: string): number | undefined {
  const hours = ABBREVIATIONS.get(name.toUpperCase());
  return hours === undefined ? undefined : hours * MICROS_PER_HOUR;
}

const OFFSET_NAME = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?$/i;

/** Reads `+05`, `-0530`, `+05:30:15` as microseconds east of UTC, or gives undefined. */
export function parseOffset(text: string): number | undefined {
  const match = OFFSET_NAME.exec(text);
  if (match === null) return undefined;
  const minutes = Number(match[3] ?? 0);
  const seconds = Number(match[4] ?? 0);
  if (Number(match[2]) > 15 || minutes > 59 || seconds > 59) return undefined;
  const micros = Number(match[2]) * MICROS_PER_HOUR + minutes * MICROS_PER_MINUTE +
    seconds * MICROS_PER_SECOND;
  return match[1] === "-" ? 0 - micros : micros;
}

const ZONES = new Map<string, TimeZone>();
const ZONES_MAX = 1000;

/**
 * The zone of an IANA name, an abbreviation, or an offset. A bare offset is read as POSIX does: positive
 * is west of Greenwich.
 */
export function findTimeZone(name: string): TimeZone | undefined {
  const key = name.toLowerCase();
  let zone = ZONES.get(key);
  if (zone !== undefined) return zone;
  zone = makeTimeZone(name);
  if (zone !== undefined) {
    if (ZONES.size >= ZONES_MAX) ZONES.clear();
    ZONES.set(key, zone);
  }
  return zone;
}

function makeTimeZone(name: string): TimeZone | undefined {
  const abbreviation = abbreviationOffset(name);
  if (abbreviation !== undefined) return fixedZone(name, abbreviation);
  const offset = parseOffset(name);
  if (offset !== undefined) return fixedZone(name, 0 - offset);
  try {
    return new IntlZone(name);
  } catch {
    return undefined;
  }
}

/** As {@linkcode findTimeZone}, but an unknown name is an error. */
export function timeZone(name: string): TimeZone {
  const zone = findTimeZone(name);
  if (zone === undefined) {
    throw new QueryError("invalid-value", `Unknown time zone: received ${JSON.stringify(name)}`, {
      details: { timeZone: name },
      hint: "use a name such as Europe/Berlin or UTC",
    });
  }
  return zone;
}

/** Local time of an instant. */
export function localFromUtc(utcMicros: number, zone: TimeZone): number {
  return utcMicros + zone.offsetAt(utcMicros);
}

/**
 * The instant of a local time. In a gap the offset before it counts; of two instants with the same local
 * time it is the later.
 */
export function utcFromLocal(localMicros: number, zone: TimeZone): number {
  const before = zone.offsetAt(localMicros - MICROS_PER_DAY);
  const after = zone.offsetAt(localMicros + MICROS_PER_DAY);
  if (before === after) return localMicros - before;
  const late = localMicros - after;
  return zone.offsetAt(late) === after ? late : localMicros - before;
}
