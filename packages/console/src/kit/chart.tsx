/** Lines over an axis: drawn fast, in the colours of the theme, and as a table for whoever does not see them. */

import { Suspense, lazy } from "react";
import { useTranslation } from "react-i18next";

import { useAppearance } from "../shell/appearance";

export interface Curve {
  name: string;
  xs: readonly number[];
  ys: readonly (number | null)[];
  /** Fainter, behind the others: say what a smoothed curve was made of. */
  faint?: boolean;
  /** Dots without a line between them. */
  dots?: boolean;
  /** Which colour of the palette; its place among the curves unless told. */
  colour?: number;
}

export interface ChartProps {
  label: string;
  curves: Curve[];
  xLabel?: string;
  height?: number;
  /** Charts of one word move their cross hairs together. */
  sync?: string;
  log?: boolean;
  /** Magnitudes along the axis, say of learning rates. */
  logX?: boolean;
  /** How a value, and a place on the axis, are told. */
  tell?: (value: number) => string;
  tellX?: (value: number) => string;
  /** The least that the axis shows. */
  range?: [number, number];
}

const Plot = lazy(() => import("./plot"));

export function Chart(props: ChartProps) {
  const { dark } = useAppearance();
  return (
    <figure className="chart">
      <figcaption>{props.label}</figcaption>
      <div style={{ minHeight: props.height ?? 220 }}>
        <Suspense fallback={null}><Plot key={String(dark)} {...props} dark={dark} /></Suspense>
      </div>
      <Twin {...props} />
    </figure>
  );
}

/** The first, the last, the least and the most of each curve, for readers of the screen. */
function Twin({ label, curves, tell = String }: ChartProps) {
  const { t } = useTranslation();
  return (
    <table className="unseen">
      <caption>{label}</caption>
      <thead><tr><th>{t("kit.name")}</th><th>{t("charts.least")}</th><th>{t("charts.most")}</th><th>{t("charts.last")}</th></tr></thead>
      <tbody>
        {curves.filter((curve) => !curve.faint).map((curve) => {
          const values = curve.ys.filter((value) => value !== null);
          const least = values.reduce((one, other) => Math.min(one, other), Infinity);
          const most = values.reduce((one, other) => Math.max(one, other), -Infinity);
          const last = values[values.length - 1];
          if (last === undefined) return null;
          return <tr key={curve.name}><th scope="row">{curve.name}</th><td>{tell(least)}</td><td>{tell(most)}</td><td>{tell(last)}</td></tr>;
        })}
      </tbody>
    </table>
  );
}
