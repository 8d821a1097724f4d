/** How long something took, as people say it: "1 h 5 min", "12 s". */

import { spoken } from "../words";
import { format } from "./formats";

const UNITS: ["day" | "hour" | "minute" | "second", number][] = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** The two largest units; below ten seconds with a tenth. */
export function duration(seconds: number, language: string = spoken()): string {
  const unit = (value: number, name: string, digits = 0) =>
    format(Intl.NumberFormat, language, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: digits } as Intl.NumberFormatOptions).format(value);
  if (seconds < 10) return unit(Math.max(0, Math.floor(seconds * 10) / 10), "second", 1);
  let left = Math.floor(seconds);
  const parts: string[] = [];
  for (const [name, length] of UNITS) {
    const whole = Math.floor(left / length);
    if (parts.length === 0 && whole === 0) continue;
    if (whole > 0) parts.push(unit(whole, name));
    left -= whole * length;
    if (parts.length === 2) break;
  }
  return parts.join(language.startsWith("zh") ? "" : " ");
}
