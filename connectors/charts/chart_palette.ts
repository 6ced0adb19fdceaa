/**
 * Colours that read on white and on near black, so that one spec serves light and dark pages.
 *
 * Every colour has a contrast of at least 3 : 1 (WCAG 2.2, graphical objects) against `#ffffff` and `#111827`;
 * texts are mid grey with at least 4 : 1 on both.
 *
 * @module
 */

/** For categories, in this order; neighbours differ in lightness as well as in hue. */
export const CATEGORY_COLORS: readonly string[] = [
  "#3b82f6",
  "#d97706",
  "#0d9373",
  "#a855f7",
  "#e0475b",
  "#0891b2",
  "#7d8a1d",
  "#c2569b",
];

/** For amounts, from little to much. */
export const AMOUNT_COLORS: readonly string[] = ["#94a3b8", "#3b82f6", "#7c3aed"];

/** Labels and titles. */
export const TEXT_COLOR = "#747c8a";

/** Grid lines: see-through, for they only guide. */
export const LINE_COLOR = "rgba(128, 136, 150, 0.25)";
