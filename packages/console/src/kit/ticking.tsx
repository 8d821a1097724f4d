/** How long something has taken so far: it goes on each second, between two looks at the server too. */

import { useMemo, useSyncExternalStore } from "react";

import { clockOf } from "./clock";
import { duration } from "./duration";

const CLOCK = clockOf(1000);
const still = () => () => undefined;

export function Ticking({ seconds, going }: { seconds: number; going: boolean }) {
  const since = useSince(seconds, going);
  return <>{duration(going ? Math.floor(seconds + since) : seconds)}</>;
}

/** Seconds since the server told these: a clock that goes wrong on either side does no harm. */
export function useSince(told: number | null, going: boolean): number {
  const at = useMemo(() => Date.now() / 1000, [told]); // eslint-disable-line react-hooks/exhaustive-deps -- told anew with each answer
  const now = useSyncExternalStore(going ? CLOCK.listen : still, CLOCK.read);
  return Math.max(0, now - at);
}
