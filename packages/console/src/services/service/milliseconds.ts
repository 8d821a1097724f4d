/** How long calls take, as people read it; percentiles are known to a quarter of themselves. */

import { format } from "../../kit/formats";
import { spoken } from "../../words";

export function milliseconds(value: number | null, language: string = spoken()): string {
  if (value === null) return "–";
  const seconds = value >= 1000;
  const how: Intl.NumberFormatOptions = { style: "unit", unit: seconds ? "second" : "millisecond", unitDisplay: "short", maximumSignificantDigits: value >= 100 && !seconds ? 4 : 3 };
  return format(Intl.NumberFormat, language, how).format(seconds ? value / 1000 : value);
}
