/** Events of a service, those that tell the same trouble again folded into the newest. */

import { withoutRuns } from "../../kit/said";
import type { Happened } from "../calls";

export interface Folded {
  event: Happened;
  times: number;
  /** Milliseconds: when it happened for the first time. */
  first: number;
}

/** Newest first, as they come. */
export function folded(events: readonly Happened[]): Folded[] {
  const known = new Map<string, Folded>();
  return events.flatMap((event) => {
    const same = `${event.code} ${withoutRuns(event.event_info)}`;
    const before = event.event_type === "abnormal" ? known.get(same) : undefined;
    if (before) {
      before.times++;
      before.first = event.occur_time;
      return [];
    }
    const one = { event, times: 1, first: event.occur_time };
    known.set(same, one);
    return [one];
  });
}
