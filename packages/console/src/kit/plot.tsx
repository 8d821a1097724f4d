/** The drawing of a chart, by uPlot; loaded when the first chart is shown. */

import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import type { ChartProps, Curve } from "./chart";
import { aligned } from "./curves";
import "./plot.css";

/** Told apart by whoever sees few colours, on white and on black. */
const COLOURS = [
  ["#2f57d6", "#8fadff"], ["#b85c00", "#f0a35e"], ["#0b7a5e", "#5fd0ab"], ["#a0307e", "#ef96cf"],
  ["#6b5300", "#d9c35a"], ["#1277a3", "#6cc6ee"], ["#7a3fc0", "#c3a0f5"], ["#9a2b2b", "#f29090"],
] as const;

export default function Plot({ curves, dark, ...how }: ChartProps & { dark: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const data = aligned(curves) as uPlot.AlignedData;
  const shape = JSON.stringify([curves.map((curve) => [curve.name, curve.faint, curve.dots, curve.colour]), how.log, how.logX, how.height, how.range, how.xLabel]);
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const made = new uPlot(options(curves, how, dark, box.clientWidth), data, box);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: how.height ?? 220 }));
    watch.observe(box);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, dark]); // eslint-disable-line -- what else changes are the values, told below
  useEffect(() => plot.current?.setData(data));
  return <div ref={place} className="plot" aria-hidden />;
}

function options(curves: Curve[], how: Omit<ChartProps, "curves">, dark: boolean, width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const [text, line] = [style.getPropertyValue("--quiet"), style.getPropertyValue("--line")];
  const font = "12px system-ui, sans-serif";
  const axis = { stroke: text, font, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 4 } };
  const tellX = how.tellX ?? String;
  const tell = how.tell ?? String;
  return {
    width, height: how.height ?? 220, padding: [8, 12, 0, 0],
    scales: {
      x: { time: false, ...(how.logX && { distr: 3 as const }) },
      y: { ...(how.log && { distr: 3 as const }), ...(how.range && { range: (_, least, most) => wide(how.range as [number, number], least, most) }) },
    },
    axes: [
      { ...axis, size: how.xLabel ? 34 : 30, space: (_, __, least, most) => roomFor([least, most].map((mark) => tellX(mark))), values: (_, marks) => marks.map((mark) => (mark === null ? "" : tellX(mark))), ...(how.xLabel && { label: how.xLabel, labelFont: font, labelSize: 18 }) },
      { ...axis, size: 62, values: (_, marks) => marks.map((mark) => (mark === null ? "" : tell(mark))) },
    ],
    cursor: { drag: { x: true, y: false }, ...(how.sync && { sync: { key: how.sync } }) },
    legend: { live: true },
    series: [
      { label: how.xLabel ?? "", value: (_, value) => (value === null ? "–" : tellX(value)) },
      ...curves.map((curve, at) => series(curve, at, dark, tell)),
    ],
  };
}

function series(curve: Curve, at: number, dark: boolean, tell: (value: number) => string): uPlot.Series {
  const pair = COLOURS[(curve.colour ?? at) % COLOURS.length] ?? COLOURS[0];
  const colour = pair[dark ? 1 : 0];
  const alone = curve.ys.length === 1;
  return {
    label: curve.name, stroke: curve.faint ? `${colour}55` : colour, width: curve.dots ? 0 : curve.faint ? 1 : 2, spanGaps: true,
    points: { show: alone || Boolean(curve.dots), size: 7, fill: colour, stroke: colour }, value: (_, value) => (value === null ? "–" : tell(value)),
  };
}

/** Between two marks, so that the widest word does not touch the next. */
const roomFor = (words: string[]) => Math.max(50, ...words.map((word) => word.length * 7 + 18));

function wide(range: [number, number], least: number, most: number): [number, number] {
  return [Math.min(range[0], least), most > range[1] ? most + (most - range[0]) * 0.05 : range[1]];
}
