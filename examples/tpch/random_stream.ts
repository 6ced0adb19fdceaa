/**
 * The random streams of the TPC-H data: one multiplicative generator per column,
 * x' = 16807 x mod (2^31 - 1) (Park and Miller, 1988), each with its own seed and a fixed number of draws per
 * row, so that any row can be reached without generating those before it.
 *
 * All streams live in one Int32Array, indexed by {@linkcode STREAM}: a draw costs a few integer operations and
 * no allocation.
 *
 * Source: TPC Benchmark H, standard specification, revision 3.0.1, section 4.2 (database population).
 *
 * @module
 */

const MODULUS = 0x7fffffff;
const MULTIPLIER = 16807;

/** One stream per generated column; the value is its place in the array of seeds. */
export const STREAM = {
  partManufacturer: 0,
  partBrand: 1,
  partType: 2,
  partSize: 3,
  partContainer: 4,
  textPool: 5,
  partComment: 6,
  supplyQuantity: 7,
  supplyCost: 8,
  supplyComment: 9,
  orderClerk: 10,
  orderComment: 11,
  orderDate: 12,
  lineQuantity: 13,
  lineDiscount: 14,
  lineTax: 15,
  lineInstruct: 16,
  lineShipMode: 17,
  linePart: 18,
  lineSupplier: 19,
  lineShipDate: 20,
  lineCommitDate: 21,
  lineReceiptDate: 22,
  lineReturnFlag: 23,
  lineComment: 24,
  customerAddress: 25,
  customerNation: 26,
  customerPhone: 27,
  customerBalance: 28,
  customerSegment: 29,
  customerComment: 30,
  supplierAddress: 31,
  supplierNation: 32,
  supplierPhone: 33,
  supplierBalance: 34,
  supplierComment: 35,
  partName: 36,
  orderPriority: 37,
  orderCustomer: 38,
  nationComment: 39,
  regionComment: 40,
  orderLineCount: 41,
  remarkGap: 42,
  remarkKind: 43,
  remarkChance: 44,
  remarkPlace: 45,
} as const;

// In the order of STREAM.
// deno-fmt-ignore
const SEEDS: readonly number[] = [
  1, 46831694, 1841581359, 1193163244, 727633698, 933588178, 804159733, 1671059989, 1051288424, 1961692154,
  1171034773, 276090261, 1066728069, 209208115, 554590007, 721958466, 1371272478, 675466456, 1808217256,
  2095021727, 1769349045, 904914315, 373135028, 717419739, 1095462486, 881155353, 1489529863, 1521138112,
  298370230, 1140279430, 1335826707, 706178559, 110356601, 884434366, 962338209, 1341315363, 709314158,
  591449447, 851767375, 606179079, 1500869201, 1434868289, 263032577, 753643799, 202794285, 715851524,
];

/** All streams at their first row. */
export function startStreams(): Int32Array {
  return Int32Array.from(SEEDS);
}

/** The value after `value` in any stream. */
export function nextValue(value: number): number {
  // 2^31 is 1 modulo 2^31 - 1, so the bits above the 31st are added to those below it.
  const high = Math.imul(MULTIPLIER, value >>> 16);
  const low = (Math.imul(MULTIPLIER, value & 0xffff) + ((high & 0x7fff) << 16) + (high >>> 15)) | 0;
  return (low & MODULUS) + (low >>> 31);
}

/** A whole number in [low, low + range), uniformly; `range` is below 2^31. */
export function draw(streams: Int32Array, stream: number, low: number, range: number): number {
  const value = nextValue(streams[stream]!);
  streams[stream] = value;
  return low + ((value / MODULUS * range) | 0);
}

/** 31 random bits. */
export function drawBits(streams: Int32Array, stream: number): number {
  const value = nextValue(streams[stream]!);
  streams[stream] = value;
  return Math.floor(value / MODULUS * 0x80000000);
}

/** Leaves out `count` draws of a stream, one by one: the fastest way for a few. */
export function skip(streams: Int32Array, stream: number, count: number): void {
  let value = streams[stream]!;
  for (let i = 0; i < count; i++) value = nextValue(value);
  streams[stream] = value;
}

/** Leaves out any number of draws of a stream, in time logarithmic in `count`. */
export function jump(streams: Int32Array, stream: number, count: number): void {
  streams[stream] = valueAfter(streams[stream]!, count);
}

/** The value `count` steps after `value`. */
export function valueAfter(value: number, count: number): number {
  let result = value;
  let power = MULTIPLIER;
  for (let rest = count; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(result, power);
    power = multiply(power, power);
  }
  return result;
}

// a b mod (2^31 - 1). `b` is taken in two halves, so that every product stays below 2^53.
function multiply(a: number, b: number): number {
  const high = (a * (b >>> 16)) % MODULUS;
  return (high * 0x10000 + a * (b & 0xffff)) % MODULUS;
}
