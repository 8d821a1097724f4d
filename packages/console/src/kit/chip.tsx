/** How a thing stands: a colour, an icon and a word, so that none of them is needed. */

import type { ComponentType, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import {
  CheckCircleOutlined, ClockCircleOutlined, CloseCircleOutlined, MinusCircleOutlined, PauseCircleOutlined, SyncOutlined,
} from "./icons";

export type Tone = "wait" | "go" | "good" | "bad" | "off";

const ICONS: Record<Tone, ComponentType<{ spin?: boolean }>> = {
  wait: ClockCircleOutlined, go: SyncOutlined, good: CheckCircleOutlined, bad: CloseCircleOutlined, off: PauseCircleOutlined,
};

/** Every state that a noun may be in, in the words of any dialect. */
const TONES: Record<string, Tone> = {
  pending: "wait", queued: "wait", creating: "wait", preparing: "wait", publishing: "wait", init: "wait",
  running: "go", starting: "go", stopping: "wait", terminating: "wait", importing: "go", building: "go", deploying: "go",
  completed: "good", succeeded: "good", finished: "good", published: "good", ready: "good",
  failed: "bad", concerning: "bad", abnormal: "bad", lost: "bad", start_failed: "bad", error: "bad", import_failed: "bad",
  stopped: "off", terminated: "off",
};
/** States in which a thing goes on working: their icon turns. */
const TURNING = new Set(["running", "importing", "building", "deploying", "starting"]);

export function toneOf(state: string): Tone | undefined {
  return TONES[state.toLowerCase()];
}

export function Chip({ state }: { state: string }) {
  const { t } = useTranslation();
  const word = state.toLowerCase();
  const tone = toneOf(state);
  const Icon = tone ? ICONS[tone] : MinusCircleOutlined;
  // A state of a newer server stands in its own word.
  const told = t(`states.${word}` as never, { defaultValue: state }) as string;
  return <span className={`chip ${tone ?? "off"}`}><Icon spin={TURNING.has(word)} />{told}</span>;
}

/** A mark that is no state, say of a bucket that everybody may read. */
export function Mark({ tone, icon, children }: { tone: Tone; icon?: ReactNode; children: ReactNode }) {
  return <span className={`chip ${tone}`}>{icon}{children}</span>;
}
