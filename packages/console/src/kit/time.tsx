/** Moments as people say them: "3 minutes ago", with the date on the pointer. */

import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

import { spoken } from "../words";
import { clockOf } from "./clock";
import { format } from "./formats";

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86400], ["month", 30 * 86400], ["week", 7 * 86400], ["day", 86400], ["hour", 3600], ["minute", 60],
];

/** null for a moment ago. */
export function relative(at: number, now: number, language: string): string | null {
  const words = format(Intl.RelativeTimeFormat, language, { numeric: "auto" } as const);
  const seconds = at - now;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return words.format(Math.trunc(seconds / length), unit);
  }
  return null;
}

export function absolute(at: number, language: string): string {
  return format(Intl.DateTimeFormat, language, { dateStyle: "medium", timeStyle: "medium" } as const).format(at * 1000);
}

const CLOCK = clockOf(20_000);

/** `at` in seconds, as the server counts. */
export function Time({ at }: { at: number }) {
  const { t } = useTranslation();
  const current = useSyncExternalStore(CLOCK.listen, CLOCK.read);
  const language = spoken();
  const iso = new Date(at * 1000).toISOString();
  return <time dateTime={iso} title={absolute(at, language)}>{relative(at, Math.max(current, at), language) ?? t("kit.justNow")}</time>;
}
