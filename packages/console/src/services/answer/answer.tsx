/** An answer, drawn by what is in it: classes, boxes, pictures, rows; as JSON always. */

import { Tabs } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { CopyButton } from "../../kit/copy";
import type { Asked } from "../predict/ask";
import { usePicture } from "../predict/picture";
import "./answer.css";
import { Bars } from "./bars";
import { Boxes } from "./boxes";
import { detectionsOf } from "./detections";
import { Overlay } from "./overlay";
import { partsOf, refusalIn, rowsOf } from "./parts";
import { picturesOf } from "./pictures";
import { Refused } from "./refused";
import { Table } from "./rows";
import { labelOf, scoresOf } from "./scores";
import { Timing } from "./timing";
import { Tree } from "./tree";

const GOOD = 200;

export function Answer({ asked, service }: { asked: Asked; service: string }) {
  const { t } = useTranslation();
  const parts = useMemo(() => partsOf(asked.answer, asked.files.map((file) => file.name)), [asked]);
  const refusal = refusalIn(asked.answer);
  const drawn = parts.map((part) => <Drawn key={part.file} value={part.value} asked={asked} picture={pictureFor(asked, part.file)} service={service} />);
  const shown = parts.some((part) => isDrawn(part.value));
  const json = (
    <div className="snippet-box answer-json">
      <div className="snippet answer-text" tabIndex={0} role="group" aria-label={t("predict.answer")}><Tree value={asked.answer} /></div>
      <CopyButton text={asked.text} label={t("kit.copy")} />
    </div>
  );
  const several = parts.length > 1;
  return (
    <div className="stack answer" aria-live="polite">
      <Timing asked={asked} />
      {(refusal ?? asked.status !== GOOD) && <Refused asked={asked} service={service} code={refusal?.code ?? ""} message={refusal?.message ?? ""} trace={refusal?.trace ?? ""} />}
      {shown && !refusal
        ? (
          <Tabs
            size="small"
            items={[
              { key: "drawn", label: t("predict.drawn"), children: several ? <div className="answer-parts">{drawn.map((one, at) => <section key={at}><PartHead name={parts[at]?.file ?? ""} picture={pictureFor(asked, parts[at]?.file ?? "")} />{one}</section>)}</div> : drawn },
              { key: "json", label: "JSON", children: json },
            ]}
          />
        )
        : json}
    </div>
  );
}

function pictureFor(asked: Asked, name: string): File | null {
  return (name ? asked.pictures.find((file) => file.name === name) : asked.pictures[0]) ?? null;
}

function isDrawn(value: unknown): boolean {
  return refusalIn(value) !== null || labelOf(value) !== null || scoresOf(value) !== null || detectionsOf(value) !== null || picturesOf(value).length > 0 || rowsOf(value).length > 0;
}

function Drawn({ value, asked, picture, service }: { value: unknown; asked: Asked; picture: File | null; service: string }) {
  const { t } = useTranslation();
  const seen = useMemo(() => ({
    refusal: refusalIn(value), label: labelOf(value), scores: scoresOf(value), boxes: detectionsOf(value, asked.sent.declares), pictures: picturesOf(value), rows: rowsOf(value),
  }), [value, asked]);
  if (seen.refusal) return <p className="problem">{seen.refusal.message || seen.refusal.code}</p>;
  const best = seen.scores?.[0];
  const label = seen.label ?? best?.label ?? null;
  const rows = seen.boxes || seen.scores ? [] : seen.rows;
  return (
    <div className="stack">
      {label !== null && <Headline label={label} score={best?.label === label ? best.score : null} />}
      {seen.scores && <Bars scores={seen.scores} />}
      {seen.boxes && <Boxes detections={seen.boxes} picture={picture} service={service} />}
      {seen.pictures.length > 0 && <div className="answer-pictures">{seen.pictures.map((one) => <Overlay key={one.name} shown={one} sent={picture} rows={seen.rows.flatMap((table) => table.rows)} />)}</div>}
      {rows.map((table) => <Table key={table.name} table={table} label={table.name || t("predict.answer")} />)}
    </div>
  );
}

function Headline({ label, score }: { label: string; score: number | null }) {
  const share = score !== null && score >= 0 && score <= 1 ? `${Number((100 * score).toFixed(1))} %` : null;
  return <p className="answer-label"><b>{label}</b>{share && <span>{share}</span>}</p>;
}

function PartHead({ name, picture }: { name: string; picture: File | null }) {
  const address = usePicture(picture);
  return <h3 className="part-head">{address && <img src={address} alt="" />}<span>{name}</span></h3>;
}
