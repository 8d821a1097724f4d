/** How long something has taken so far: it goes on each second, between two looks at the server too. */

import { useMemo, useSyncExternalStore } from "react";

import { clockOf } from "./clock";
import { duration } from "./duration";

const CLOCK = clockOf(1000);
const still = () => () => undefined;

/** `seconds` as the server told them last; a clock that goes wrong on either side does no harm. */
export function Ticking({ seconds, going }: { seconds: number; going: boolean }) {
  const told = useMemo(() => Date.now() / 1000, [seconds]); // eslint-disable-line react-hooks/exhaustive-deps -- told anew with each answer
  const now = useSyncExternalStore(going ? CLOCK.listen : still, CLOCK.read);
  return <>{duration(going ? Math.floor(seconds + Math.max(0, now - told)) : seconds)}</>;
}
