/** A picture of the answer, laid over the one that was sent where both are of one shape. */

import { Button, Checkbox, Slider } from "antd";
import { useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { DownloadOutlined } from "../../kit/icons";
import { usePicture } from "../predict/picture";
import { maskOf, nameOfShare, type Mask, type Picture } from "./pictures";

/** A mask is looked at as large as this at most. */
const MOST_PIXELS = 4_000_000;
const MOST_COLOURS = 12;
const SAME_SHAPE = 0.03;
const PAINTED = 0.6;

interface Seen {
  width: number;
  height: number;
  mask: Mask | null;
}

export function Overlay({ shown, sent, rows }: { shown: Picture; sent: File | null; rows: Record<string, unknown>[] }) {
  const { t } = useTranslation();
  const [seen, setSeen] = useState<Seen | null>(null);
  const [shape, setShape] = useState(0);
  const [opacity, setOpacity] = useState<number | null>(null);
  const [clear, setClear] = useState(true);
  const under = usePicture(sent);
  const over = seen !== null && shape > 0 && Math.abs(Math.log(shape / (seen.width / seen.height))) < SAME_SHAPE;
  const mask = seen?.mask ?? null;
  const shownOpacity = over ? (opacity ?? (mask ? PAINTED : 1)) : 1;
  const name = shown.name || t("predict.picture");
  return (
    <figure className="overlay">
      <figcaption>
        <b>{name}</b>
        {seen && <span className="quiet">{seen.width} × {seen.height}</span>}
        <Button size="small" type="text" icon={<DownloadOutlined />} href={shown.address} download={fileName(shown)} aria-label={t("predict.saveOf", { name })} title={t("predict.save")} />
      </figcaption>
      <div className={`overlaid ${mask ? "masked" : ""}`}>
        {under && <img className={over ? "" : "away"} src={under} alt="" onLoad={({ currentTarget }) => setShape(currentTarget.naturalWidth / Math.max(1, currentTarget.naturalHeight))} />}
        <span className={over ? "over" : ""} style={{ opacity: shownOpacity }}>
          <Shown picture={shown} label={name} mask={over && clear ? mask : null} onSeen={setSeen} seen={seen} />
        </span>
      </div>
      {over && (
        <div className="box-tools">
          <label className="box-threshold"><span className="quiet">{t("predict.opacity")}</span>
            <Slider min={0} max={1} step={0.05} value={shownOpacity} onChange={setOpacity} ariaLabelForHandle={t("predict.opacity")} tooltip={{ formatter: (value) => `${Math.round(100 * (value ?? 0))} %` }} /><b>{Math.round(100 * shownOpacity)} %</b>
          </label>
          {mask && <Checkbox checked={clear} onChange={(event) => setClear(event.target.checked)}>{t("predict.clearBack")}</Checkbox>}
        </div>
      )}
      {mask && (
        <ul className="legend" aria-label={t("predict.colours")}>
          {mask.colours.slice(0, MOST_COLOURS).map(({ red, green, blue, share }, at) => (
            <li key={at}><i className="swatch" style={{ background: `rgb(${red} ${green} ${blue})` }} aria-hidden />{nameOfShare(share, rows)} <span className="quiet">{Number((100 * share).toFixed(1))} %</span></li>
          ))}
        </ul>
      )}
    </figure>
  );
}

function fileName({ name, address }: Picture): string {
  const ending = /image\/(\w+)/.exec(address)?.[1] ?? "png";
  return `${name.replace(/[^\w.-]+/g, "_") || "picture"}.${ending}`;
}

/** As it came; a mask over a picture with its background clear, and numbers of classes painted. */
function Shown({ picture, label, mask, seen, onSeen }: { picture: Picture; label: string; mask: Mask | null; seen: Seen | null; onSeen: (seen: Seen) => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  // Before the canvas is seen: a clear one would be a moment in which nothing lies over the picture.
  useLayoutEffect(() => {
    if (!mask || !seen) return;
    canvas.current?.getContext("2d")?.putImageData(new ImageData(mask.pixels, seen.width, seen.height), 0, 0);
  }, [mask, seen]);
  return (
    <>
      {mask && seen && <canvas ref={canvas} width={seen.width} height={seen.height} role="img" aria-label={label} />}
      <img className={mask ? "away" : ""} src={picture.address} alt={mask ? "" : label} onLoad={({ currentTarget }) => onSeen(lookAt(currentTarget, picture.address))} />
    </>
  );
}

function lookAt(image: HTMLImageElement, address: string): Seen {
  const [width, height] = [image.naturalWidth, image.naturalHeight];
  const lossless = !address.startsWith("data:image/jpeg");
  if (!lossless || width * height === 0 || width * height > MOST_PIXELS) return { width, height, mask: null };
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.drawImage(image, 0, 0);
  return { width, height, mask: context ? maskOf(context.getImageData(0, 0, width, height).data) : null };
}
