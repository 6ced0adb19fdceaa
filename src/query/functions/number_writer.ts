/**
 * Writing the digits of a number into a template.
 *
 * This follows PostgreSQL's own procedure digit by digit, because its results are defined by it: where the
 * sign goes, what becomes a blank, which trailing zeros FM drops. The locale is "C" with `,` for G, `.` for
 * D, and a blank for L. O(length of the template).
 *
 * @module
 */
import { ordinalSuffix } from "./date_template.ts";
import type { Picture } from "./number_picture.ts";

/** Writes one number; the fields are those of PostgreSQL's procedure. */
export class NumberWriter {
  readonly #picture: Picture;
  readonly #digits: string;
  readonly #negative: boolean;
  readonly #preSpaces: number;
  readonly #lastRelevant: number | undefined;
  #leadingSign: Picture["leadingSign"];
  #signWritten: boolean;
  #count: number;
  #current = 0;
  /** Index into the digits. */
  #at = 0;
  #inNumber = false;
  #output = "";

  /** `digits` is the size of the number, rounded to the digits of the picture. */
  constructor(picture: Picture, digits: string, negative: boolean) {
    this.#picture = picture;
    this.#digits = digits;
    this.#negative = negative;
    const { flags } = picture;
    const point = digits.indexOf(".");
    this.#preSpaces = Math.max(0, picture.pre - (point < 0 ? digits.length : point));
    this.#leadingSign = picture.leadingSign;
    const ownSign = flags.has("plus") || flags.has("minus");
    if (ownSign) {
      this.#signWritten = flags.has("minus");
    } else {
      if (!negative && flags.has("fill")) flags.delete("bracket");
      this.#signWritten = !negative && flags.has("fill") && !flags.has("sign");
      if (this.#leadingSign === "before" && picture.pre === picture.signDigits) this.#leadingSign = "after";
    }
    this.#lastRelevant = flags.has("fill") && flags.has("decimal")
      ? this.#findLastRelevant(point)
      : undefined;
    this.#count = picture.post + picture.pre - 1 + (!this.#signWritten && this.#preSpaces === 0 ? 1 : 0);
  }

  /** Index of the last digit after the point that is no zero, or that a 0 in the template asks for. */
  #findLastRelevant(point: number): number | undefined {
    if (point < 0) return undefined;
    let last = point;
    for (let i = point + 1; i < this.#digits.length; i++) {
      if (this.#digits[i] !== "0") last = i;
    }
    const { zeroEnd } = this.#picture;
    if (zeroEnd > this.#preSpaces) {
      last = Math.max(last, Math.min(this.#digits.length - 1, zeroEnd - this.#preSpaces));
    }
    return last;
  }

  /** The whole text. */
  write(): string {
    for (const node of this.#picture.nodes) {
      if ("text" in node) this.#output += node.text;
      else this.#writeKey(node.key, node.written);
    }
    return this.#output;
  }

  #writeKey(key: string, written: string): void {
    const fill = this.#picture.flags.has("fill");
    switch (key) {
      case "9":
      case "0":
      case ".":
      case "D":
        this.#writeDigit(key);
        break;
      case ",":
      case "G":
        if (this.#inNumber) this.#output += ",";
        else if (!fill) this.#output += " ";
        break;
      case "L":
        this.#output += " ";
        break;
      case "TH":
        if (!this.#digits.startsWith("#") && !this.#negative && !this.#picture.flags.has("decimal")) {
          const suffix = ordinalSuffix(this.#digits);
          this.#output += written === "TH" ? suffix : suffix.toLowerCase();
        }
        break;
      case "MI":
        this.#output += this.#negative ? "-" : fill ? "" : " ";
        break;
      case "PL":
        this.#output += this.#negative ? fill ? "" : " " : "+";
        break;
      case "SG":
        this.#output += this.#negative ? "-" : "+";
        break;
    }
  }

  /** A leading 0 before the point is left blank unless the template has a 0. */
  #isBlankZero(): boolean {
    return !this.#picture.flags.has("zero") && this.#at === 0 && this.#digits.startsWith("0") &&
      this.#picture.post !== 0;
  }

  #endsAtPoint(): boolean {
    return this.#lastRelevant !== undefined && this.#digits[this.#lastRelevant] === ".";
  }

  #writeSign(): void {
    const { flags } = this.#picture;
    if (flags.has("sign")) {
      if (this.#leadingSign !== "before") return;
      this.#output += this.#negative ? "-" : "+";
    } else if (flags.has("bracket")) {
      this.#output += this.#negative ? "<" : " ";
    } else if (this.#negative) {
      this.#output += "-";
    } else if (!flags.has("fill")) {
      this.#output += " ";
    }
    this.#signWritten = true;
  }

  #writeDigit(key: string): void {
    const { flags } = this.#picture;
    const zeroStart = Math.max(0, this.#picture.zeroStart - 1);
    const isZero = flags.has("zero");
    this.#inNumber = false;
    if (
      !this.#signWritten &&
      (this.#current >= this.#preSpaces || (isZero && zeroStart === this.#current)) &&
      (!this.#isBlankZero() || this.#endsAtPoint())
    ) this.#writeSign();
    if (this.#current < this.#preSpaces && (zeroStart > this.#current || !isZero)) {
      if (!flags.has("fill")) this.#output += " ";
    } else if (isZero && this.#current < this.#preSpaces && zeroStart <= this.#current) {
      this.#output += "0";
      this.#inNumber = true;
    } else {
      this.#writeOwnDigit(key);
    }
    this.#writeTrailingSign();
    this.#current++;
  }

  #writeOwnDigit(key: string): void {
    const fill = this.#picture.flags.has("fill");
    const digit = this.#digits[this.#at];
    if (digit === ".") {
      if (!this.#endsAtPoint() || fill) this.#output += ".";
    } else if (this.#lastRelevant !== undefined && this.#at > this.#lastRelevant && key !== "0") {
      // FM drops the zeros behind.
    } else if (this.#isBlankZero()) {
      if (!fill) this.#output += " ";
      else if (this.#endsAtPoint()) this.#output += "0";
    } else if (digit !== undefined) {
      this.#output += digit;
      this.#inNumber = true;
    }
    if (digit !== undefined) this.#at++;
  }

  #writeTrailingSign(): void {
    const { flags } = this.#picture;
    let end = this.#count + (this.#preSpaces > 0 ? 1 : 0) + (flags.has("decimal") ? 1 : 0);
    if (this.#lastRelevant !== undefined && this.#lastRelevant === this.#at) end = this.#current;
    if (this.#current + 1 !== end) return;
    if (this.#signWritten && flags.has("bracket")) this.#output += this.#negative ? ">" : " ";
    else if (flags.has("sign") && this.#leadingSign === "after") this.#output += this.#negative ? "-" : "+";
  }
}
