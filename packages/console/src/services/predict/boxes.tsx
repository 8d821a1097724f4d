/** What was found in a picture: boxes over the one that was sent, and the same as a list. */

import { Slider } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { inPixels, type Box } from "./answers";
import { usePicture } from "./drop";

const COLOURS = ["#ff4d4f", "#1677ff", "#389e0d", "#d46b08", "#722ed1", "#08979c", "#c41d7f", "#5b8c00", "#d48806", "#2f54eb"];
const MOST_LISTED = 200;
const round = (value: number, places: number) => Number(value.toFixed(places));

interface Coloured extends Box {
  colour: string;
}

export function Boxes({ boxes, picture }: { boxes: Box[]; picture: File | null }) {
  const { t } = useTranslation();
  const [least, setLeast] = useState(0);
  const [chosen, setChosen] = useState<number | null>(null);
  const kinds = [...new Set(boxes.map((box) => box.label))];
  const kept = boxes.filter((box) => box.score >= least).map((box) => ({ ...box, colour: COLOURS[kinds.indexOf(box.label) % COLOURS.length] ?? "#ff4d4f" }));
  return (
    <div className="stack">
      {picture ? <Drawn boxes={kept} picture={picture} chosen={chosen} /> : <p className="quiet">{t("predict.noPicture")}</p>}
      <span className="weight-tools">
        <span className="quiet">{t("predict.threshold")}</span>
        <Slider min={0} max={1} step={0.01} value={least} onChange={setLeast} ariaLabelForHandle={t("predict.threshold")} />
        <span>{t("predict.shown", { shown: kept.length, all: boxes.length })}</span>
      </span>
      <div className="scrolls boxes">
        <table className="plain">
          <thead><tr><th>{t("predict.label")}</th><th className="number">{t("predict.score")}</th><th>{t("predict.box")}</th></tr></thead>
          <tbody>
            {kept.slice(0, MOST_LISTED).map((box, at) => (
              <tr key={at} onMouseEnter={() => setChosen(at)} onMouseLeave={() => setChosen(null)}>
                <th scope="row"><i className="swatch" style={{ background: box.colour }} aria-hidden />{box.label}</th>
                <td className="number">{round(box.score, 4)}</td>
                <td>{[box.top, box.left, box.bottom, box.right].map((side) => round(side, 2)).join(", ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** An SVG as large as the picture, so that boxes stay sharp and in their place at any size. */
function Drawn({ boxes, picture, chosen }: { boxes: Coloured[]; picture: File; chosen: number | null }) {
  const { t } = useTranslation();
  const address = usePicture(picture);
  const [size, setSize] = useState<[number, number, number]>();
  // A pixel of the page, in pixels of the picture: lines and words are as large for any picture.
  const [width, height, unit] = size ?? [0, 0, 1];
  return (
    <div className="boxed">
      {address && <img src={address} alt={picture.name} onLoad={({ currentTarget }) => setSize([currentTarget.naturalWidth, currentTarget.naturalHeight, currentTarget.naturalWidth / Math.max(1, currentTarget.clientWidth)])} />}
      {size && (
        <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t("predict.found", { count: boxes.length, told: boxes.length })}>
          {inPixels(boxes, width, height).map((box, at) => {
            const { colour } = boxes[at] ?? { colour: "" };
            const told = `${box.label} ${round(box.score, 2)}`.trim();
            const above = Math.max(box.top, 18 * unit);
            return (
              <g key={at} opacity={chosen === null || chosen === at ? 1 : 0.25}>
                <rect className="box" x={box.left} y={box.top} width={Math.max(0, box.right - box.left)} height={Math.max(0, box.bottom - box.top)} fill="none" stroke={colour} strokeWidth={2.5 * unit} />
                <rect x={box.left} y={above - 18 * unit} width={(told.length * 8 + 8) * unit} height={18 * unit} fill={colour} />
                <text x={box.left + 4 * unit} y={above - 5 * unit} fontSize={13 * unit} fontWeight={600} fill="#fff">{told}</text>
              </g>
            );
          })}
        </svg>
      )}
    </div>
  );
}
