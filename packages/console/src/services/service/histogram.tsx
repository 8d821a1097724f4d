/** How many calls took how long: a bar for each span of time. */

import { useTranslation } from "react-i18next";

import type { BinBody } from "../../api/calls";
import { count } from "../../kit/size";
import { milliseconds } from "./milliseconds";

export function Histogram({ bins }: { bins: BinBody[] }) {
  const { t } = useTranslation();
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  return (
    <figure className="histogram">
      <div className="histogram-bars" aria-hidden>
        {bins.map((bin) => (
          <div key={bin.le_ms} title={t("services.bin", { time: milliseconds(bin.le_ms), count: bin.count, told: count(bin.count) })}>
            <i style={{ height: `${(100 * bin.count) / most}%` }} />
          </div>
        ))}
      </div>
      <div className="histogram-ends quiet small" aria-hidden><span>≤ {milliseconds(bins[0]?.le_ms ?? null)}</span><span>≤ {milliseconds(bins[bins.length - 1]?.le_ms ?? null)}</span></div>
      <table className="unseen">
        <caption>{t("services.latency")}</caption>
        <tbody>{bins.map((bin) => <tr key={bin.le_ms}><th scope="row">≤ {milliseconds(bin.le_ms)}</th><td>{count(bin.count)}</td></tr>)}</tbody>
      </table>
    </figure>
  );
}
