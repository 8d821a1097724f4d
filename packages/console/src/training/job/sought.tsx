/** What a search looks for, where, and how: of a version, or before it is made. */

import { useTranslation } from "react-i18next";

import { count } from "../../kit/size";
import { searchOf, settingsOf, type Sought as One } from "../create/search";

export function Sought({ search }: { search: Record<string, unknown> }) {
  const { t } = useTranslation();
  const told = searchOf(search);
  const set = settingsOf(told.algorithm, told.early).filter(({ key }) => told.settings[key]);
  const facts: [string, React.ReactNode][] = [
    [t("search.goal"), told.goals.map((goal, at) => (
      <div key={goal.name} className={at > 0 ? "quiet" : undefined}>{at > 0 ? goal.name : <b>{goal.name}</b>} · {t(`search.modes.${goal.mode}`)} · <code>{goal.regex}</code></div>
    ))],
    [t("search.space"), told.sought.map((one) => <div key={one.name}><code>{one.name}</code> <Range of={one} /></div>)],
    [t("search.algorithm"), <>{t(`search.algorithms.${told.algorithm}`)} {set.map(({ key }) => <span key={key} className="quiet small">{t(`search.settings.${key}`)} {told.settings[key]} </span>)}</>],
    [t("search.trials"), count(told.trials)],
    [t("search.early"), told.early && t("search.earlyAbout")],
    [t("search.skip"), told.skip && <code>{told.skip}</code>],
  ];
  return <dl className="facts">{facts.filter(([, value]) => value).map(([name, value]) => <div key={name} className="facts-pair"><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

function Range({ of: { kind, low, high, points, values } }: { of: One }) {
  const { t } = useTranslation();
  if (kind === "discrete") return <>{values.join(", ")}</>;
  return <>{low} – {high}{points ? <span className="quiet"> · {t("search.pointsOf", { count: points, told: count(points) })}</span> : null}</>;
}
