/** Where the time of a version went: of its longest node, or of a search as a whole. */

import { isLive, STAGES, type Stage, type Version, type VersionRun } from "../jobs";

export interface Strip {
  seconds: Partial<Record<Stage, number>>;
  /** In which it is now. */
  going?: Stage;
}

type Looked = Pick<Version, "state" | "runs"> & { specification: Pick<Version["specification"], "search"> };
const MOMENTS = ["queued", "preparing", "environment", "started", "process_ended", "ended"];

export function stripOf(version: Looked): Strip | undefined {
  const { runs } = version;
  const begun = runs.filter((run) => run.moments.started !== undefined);
  if (version.specification.search && begun.length > 0) return searchOf(begun, isLive(version as Version));
  const longest = [...runs].sort((one, other) => whole(other) - whole(one))[0];
  return longest && { seconds: longest.split, ...(!longest.settled && goingIn(longest)) };
}

/** From the start of its first trial to the end of its last, as the list of jobs tells it. */
function searchOf(begun: VersionRun[], live: boolean): Strip {
  const startOf = (run: VersionRun) => run.moments.started ?? 0;
  const endOf = (run: VersionRun) => startOf(run) + (run.split.run ?? 0);
  const first = begun.reduce((one, other) => (startOf(other) < startOf(one) ? other : one));
  const last = begun.reduce((one, other) => (endOf(other) > endOf(one) ? other : one));
  return { seconds: { ...first.split, run: endOf(last) - startOf(first), copy_out: live ? 0 : (last.split.copy_out ?? 0) }, ...(live && { going: "run" }) };
}

function goingIn(run: VersionRun): { going?: Stage } {
  const stage = STAGES[MOMENTS.findLastIndex((name) => name in run.moments)];
  return stage ? { going: stage } : {};
}

const whole = (run: VersionRun) => Object.values(run.split).reduce((sum, seconds) => sum + seconds, 0);
