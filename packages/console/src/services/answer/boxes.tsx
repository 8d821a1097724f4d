/** What was found in a picture: boxes over the one that was sent, and the same as a list. */

import { Select, Slider } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { usePicture } from "../predict/picture";
import { boxesOn, ORDERS, SPELLED, type Box, type Detection, type Detections, type Order } from "./detections";
import { useOrder } from "./reading";

/** White is read on each of them. */
const COLOURS = ["#c4302b", "#1f5fd0", "#1d7a3e", "#9a5b00", "#6b34c4", "#0b7285", "#b01e6e", "#5a6900", "#7a4a1e", "#3b49c9"];
const MOST_LISTED = 200;
/** Boxes that begin further to the right carry their name at their right side. */
const RIGHT = 0.6;
const round = (value: number, places: number) => Number(value.toFixed(places));

interface Shown extends Detection {
  at: number;
  colour: string;
}

export function Boxes({ detections, picture, service }: { detections: Detections; picture: File | null; service: string }) {
  const { t } = useTranslation();
  const { found } = detections;
  const [chosenOrder, chooseOrder] = useOrder(service);
  const order = detections.told ? detections.order : (chosenOrder ?? detections.order);
  const [least, setLeast] = useState(0);
  const [hidden, setHidden] = useState<string[]>([]);
  const [chosen, setChosen] = useState<number | null>(null);
  const kinds = useMemo(() => [...new Set(found.map((one) => one.label))], [found]);
  const colourOf = (label: string) => COLOURS[kinds.indexOf(label) % COLOURS.length] ?? "";
  const shown = found.map((one, at) => ({ ...one, at, colour: colourOf(one.label) })).filter((one) => one.score >= least && !hidden.includes(one.label));
  const turn = (label: string) => setHidden((now) => (now.includes(label) ? now.filter((one) => one !== label) : [...now, label]));
  const scored = found.some((one) => one.score < 1);
  return (
    <div className="stack">
      {picture ? <Drawn found={found} shown={shown} order={order} picture={picture} chosen={chosen} onChosen={setChosen} /> : <p className="quiet">{t("predict.noPicture")}</p>}
      <div className="box-tools">
        {kinds.map((label) => (
          <button key={label} type="button" className="box-kind" aria-pressed={!hidden.includes(label)} onClick={() => turn(label)}>
            <i className="swatch" style={{ background: colourOf(label) }} aria-hidden />{label || "–"} <span className="quiet">{found.filter((one) => one.label === label).length}</span>
          </button>
        ))}
      </div>
      {found.length > 0 && (
        <div className="box-tools">
          {scored && (
            <label className="box-threshold"><span className="quiet">{t("predict.threshold")}</span>
              <Slider min={0} max={1} step={0.01} value={least} onChange={setLeast} ariaLabelForHandle={t("predict.threshold")} /><b>{least.toFixed(2)}</b>
            </label>
          )}
          <span className="quiet">{t("predict.shown", { shown: shown.length, all: found.length })}</span>
        </div>
      )}
      {found.length > 0 && picture && !detections.told && <p className="quiet small">{t("predict.orderAssumed")}</p>}
      {found.length === 0 ? <p className="quiet">{t("predict.foundNone")}</p> : <List shown={shown} order={order} chosen={chosen} onChosen={setChosen} {...(picture && !detections.told && { onOrder: chooseOrder })} />}
    </div>
  );
}

function List({ shown, order, chosen, onChosen, onOrder }: {
  shown: Shown[]; order: Order; chosen: number | null; onChosen: (at: number | null) => void; onOrder?: (order: Order) => void;
}) {
  const { t } = useTranslation();
  const told = ({ sides: four }: Shown) => four.map((side) => round(side, 2)).join(", ");
  const spelled = (one: Order) => (one === "cxcywh" ? t("predict.centred") : SPELLED[one]);
  const sides = onOrder
    ? <Select size="small" variant="borderless" className="box-order" aria-label={t("predict.order")} title={t("predict.order")} value={order} onChange={onOrder} popupMatchSelectWidth={false} options={ORDERS.map((one) => ({ value: one, label: spelled(one) }))} />
    : spelled(order);
  return (
    <div className="scrolls boxes" tabIndex={0} role="group" aria-label={t("predict.boxes")}>
      <table className="plain">
        <thead><tr><th>{t("predict.label")}<div className="small">{sides}</div></th><th className="number">{t("predict.score")}</th></tr></thead>
        <tbody>
          {shown.slice(0, MOST_LISTED).map((one) => (
            <tr key={one.at} className={one.at === chosen ? "on" : undefined} onMouseEnter={() => onChosen(one.at)} onMouseLeave={() => onChosen(null)}>
              <th scope="row">
                <button type="button" className="box-name-button" onFocus={() => onChosen(one.at)} onBlur={() => onChosen(null)}><i className="swatch" style={{ background: one.colour }} aria-hidden />{one.label || "–"}</button>
                <div className="box-sides small">{told(one)}</div>
              </th>
              <td className="number">{round(one.score, 4)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Lines are an SVG's over the picture, names are the page's: both stay sharp and in their place at any size. */
function Drawn({ found, shown, order, picture, chosen, onChosen }: {
  found: Detection[]; shown: Shown[]; order: Order; picture: File; chosen: number | null; onChosen: (at: number | null) => void;
}) {
  const { t } = useTranslation();
  const address = usePicture(picture);
  const [[width, height], setSize] = useState<[number, number]>([0, 0]);
  const boxes = useMemo(() => boxesOn(found, order, width, height), [found, order, width, height]);
  const placed = shown.flatMap((one) => (boxes[one.at] ? [{ one, box: boxes[one.at] as Box }] : []));
  const faint = (at: number) => chosen !== null && chosen !== at;
  return (
    <div className="boxed">
      {address && <img src={address} alt={picture.name} onLoad={({ currentTarget }) => setSize([currentTarget.naturalWidth, currentTarget.naturalHeight])} />}
      {width > 0 && (
        <>
          <svg viewBox="0 0 1 1" preserveAspectRatio="none" role="img" aria-label={t("predict.found", { count: shown.length, told: shown.length })}>
            {placed.map(({ one, box }) => (
              <rect
                key={one.at} className={faint(one.at) ? "box faint" : "box"} x={box.left} y={box.top} width={Math.max(0, box.right - box.left)} height={Math.max(0, box.bottom - box.top)}
                stroke={one.colour} onMouseEnter={() => onChosen(one.at)} onMouseLeave={() => onChosen(null)}
              />
            ))}
          </svg>
          {placed.map(({ one, box }) => <Name key={one.at} one={one} box={box} faint={faint(one.at)} />)}
        </>
      )}
    </div>
  );
}

function Name({ one, box, faint }: { one: Shown; box: Box; faint: boolean }) {
  const inside = (share: number) => `${100 * Math.min(1, Math.max(0, share))}%`;
  const side = box.left > RIGHT ? { right: inside(1 - box.right) } : { left: inside(box.left) };
  return (
    <span className={`box-name ${faint ? "faint" : ""} ${box.top < 0.06 ? "below" : ""}`} style={{ top: inside(box.top), background: one.colour, ...side }} aria-hidden>
      {one.label} {one.score < 1 && round(one.score, 2)}
    </span>
  );
}
