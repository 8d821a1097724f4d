/** An answer, drawn by what is in it. */

import { Tabs } from "antd";
import { useTranslation } from "react-i18next";

import { Mark } from "../../kit/chip";
import { CopyButton } from "../../kit/copy";
import { CheckCircleOutlined, CloseCircleOutlined } from "../../kit/icons";
import { bytes, count } from "../../kit/size";
import { milliseconds } from "../service/milliseconds";
import { boxesOf, picturesOf, readable, scoresOf, type Score } from "./answers";
import type { Asked } from "./ask";
import { Boxes } from "./boxes";

const MOST_BARS = 20;
const GOOD = 200;

export function Answer({ asked }: { asked: Asked }) {
  const { t } = useTranslation();
  const scores = scoresOf(asked.answer);
  const boxes = boxesOf(asked.answer);
  const pictures = picturesOf(asked.answer);
  const label = (asked.answer as { predicted_label?: unknown } | null)?.predicted_label;
  const drawn = (
    <div className="stack">
      {typeof label === "string" && <p className="answer-label">{label}</p>}
      {scores && <Bars scores={scores} />}
      {boxes && <Boxes boxes={boxes} picture={asked.picture} />}
      {pictures.map(([name, address]) => <figure key={name} className="answer-picture"><figcaption className="quiet small">{name}</figcaption><img src={address} alt={name || t("predict.answer")} /></figure>)}
    </div>
  );
  const text = typeof asked.answer === "string" ? asked.answer : readable(asked.answer);
  const json = <div className="snippet-box"><pre className="snippet answer-text" tabIndex={0} aria-label={t("predict.answer")}>{text || t("predict.nothing")}</pre><CopyButton text={asked.text} label={t("kit.copy")} /></div>;
  const found = scores !== null || boxes !== null || pictures.length > 0 || typeof label === "string";
  return (
    <div className="stack" aria-live="polite">
      <Timing asked={asked} />
      {found ? <Tabs size="small" items={[{ key: "drawn", label: t("predict.drawn"), children: drawn }, { key: "json", label: "JSON", children: json }]} /> : json}
    </div>
  );
}

function Timing({ asked }: { asked: Asked }) {
  const { t } = useTranslation();
  const good = asked.status === GOOD;
  const all = asked.stages.reduce((sum, one) => sum + one.milliseconds, 0);
  const rest = Math.max(0, asked.milliseconds - all);
  const stages = [...asked.stages, { name: "rest", milliseconds: rest }];
  return (
    <div className="timing">
      <div className="service-head">
        <Mark tone={good ? "good" : "bad"} icon={good ? <CheckCircleOutlined /> : <CloseCircleOutlined />}>{asked.status}</Mark>
        <b>{milliseconds(asked.milliseconds)}</b>
        <span className="quiet">{bytes(new Blob([asked.text]).size)}</span>
      </div>
      <div className="split-bar" aria-hidden>{stages.map((one) => <span key={one.name} className={`call-${one.name}`} style={{ flexGrow: one.milliseconds }} />)}</div>
      <ul className="split-names">{stages.map((one) => <li key={one.name}><i className={`call-${one.name}`} aria-hidden />{t(`predict.stages.${one.name}` as never, { defaultValue: one.name }) as string} <b>{milliseconds(one.milliseconds)}</b></li>)}</ul>
    </div>
  );
}

function Bars({ scores }: { scores: Score[] }) {
  const { t } = useTranslation();
  const most = Math.max(1, ...scores.map((one) => one.score));
  return (
    <>
      <div className="bars" role="list" aria-label={t("predict.scores")}>
        {scores.slice(0, MOST_BARS).map((one) => (
          <div key={one.label} role="listitem"><span title={one.label}>{one.label}</span><span className="bar-room"><i style={{ width: `${Math.max(0, (100 * one.score) / most)}%` }} /></span><b>{Number(one.score.toFixed(4))}</b></div>
        ))}
      </div>
      {scores.length > MOST_BARS && <p className="quiet small">{t("predict.more", { count: scores.length - MOST_BARS, told: count(scores.length - MOST_BARS) })}</p>}
    </>
  );
}
