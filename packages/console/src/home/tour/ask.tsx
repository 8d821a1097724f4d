/** The last step: a picture that the script has never seen goes to the service, and its answer comes back. */

import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { addressOf, send } from "../../buckets/store";
import { scoresOf } from "../../services/answer/scores";
import { ask, type Asked } from "../../services/predict/ask";
import { milliseconds } from "../../services/service/milliseconds";
import { tellError } from "../../words/errors";
import { FACTS, type Facts } from "./calls";

/** What the digits' service calls its picture. */
const FIELD = "images";
const GOOD = 200;
const MOST_BARS = 3;

export function Ask({ facts: { tour, service }, may }: { facts: Facts; may: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState("");
  const [asked, setAsked] = useState<Asked>();
  const [problem, setProblem] = useState("");
  const latest = useRef("");
  const show = async (key: string) => {
    latest.current = key;
    setChosen(key);
    setProblem("");
    try {
      const picture = await (await send("GET", addressOf(tour.bucket, key))).blob();
      const file = new File([picture], key.split("/").pop() ?? key, { type: picture.type });
      const answer = await ask(service?.service_id ?? "", { url: "/", way: "form", values: { [FIELD]: [file] }, json: "", declares: null });
      void queries.invalidateQueries({ queryKey: FACTS });
      // One that comes after another picture was chosen is not its answer.
      if (latest.current === key) setAsked(answer);
    } catch (error) {
      if (latest.current === key) setProblem(tellError(error, t));
    }
  };
  return (
    <>
      <div className="tour-pictures" role="group" aria-label={t("tour.pictures")}>
        {tour.unseen.map((key, at) => (
          <button key={key} type="button" disabled={!may || !service} aria-pressed={key === chosen} aria-label={t("tour.picture", { number: at + 1 })} onClick={() => void show(key)}>
            <img src={addressOf(tour.bucket, key)} alt="" width={56} height={56} />
          </button>
        ))}
      </div>
      <div className="tour-answer" aria-live="polite">{asked ? <Answer key={asked.number} asked={asked} /> : <p className="quiet">{t("tour.choose")}</p>}</div>
      {problem && <p className="problem" role="alert">{problem}</p>}
    </>
  );
}

function Answer({ asked }: { asked: Asked }) {
  const { t } = useTranslation();
  const scores = scoresOf(asked.answer) ?? [];
  if (asked.status !== GOOD || scores.length === 0) return <p className="problem">{asked.status} {asked.text}</p>;
  return (
    <>
      <b className="tour-label">{scores[0]?.label}</b>
      <ul>
        {scores.slice(0, MOST_BARS).map(({ label, score }) => (
          <li key={label}><span>{label}</span><span className="meter"><span style={{ width: `${Math.round(score * 100)}%` }} /></span><span className="number">{Math.round(score * 100)} %</span></li>
        ))}
      </ul>
      <span className="quiet small">{t("tour.took", { time: milliseconds(asked.milliseconds) })}</span>
    </>
  );
}
