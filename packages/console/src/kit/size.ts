/** Bytes and counts as people read them. */

import { spoken } from "../words";
import { format } from "./formats";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

export function bytes(count: number, language: string = spoken()): string {
  let [value, unit] = [count, 0];
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  const digits = unit > 0 && value < 100 ? 1 : 0;
  const how: Intl.NumberFormatOptions = {
    style: "unit", unit: UNITS[unit], unitDisplay: unit === 0 ? "narrow" : "short", maximumFractionDigits: digits,
  };
  return format(Intl.NumberFormat, language, how).format(value);
}

export function count(value: number, language: string = spoken()): string {
  return format(Intl.NumberFormat, language, {}).format(value);
}
