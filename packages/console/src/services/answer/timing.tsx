/** How a call ended, how long it took and where that time went. */

import { useTranslation } from "react-i18next";

import { Mark } from "../../kit/chip";
import { CheckCircleOutlined, CloseCircleOutlined } from "../../kit/icons";
import { bytes } from "../../kit/size";
import type { Asked } from "../predict/ask";
import { milliseconds } from "../service/milliseconds";
import { isGood } from "./parts";

export function Timing({ asked }: { asked: Asked }) {
  const { t } = useTranslation();
  const good = isGood(asked);
  // Of a call that failed in the code only the waiting is told; what is left of it was not all on the way.
  const whole = asked.stages.some((one) => one.name !== "queued");
  const server = whole ? asked.stages.reduce((sum, one) => sum + one.milliseconds, 0) : 0;
  const stages = [...asked.stages, { name: "rest", milliseconds: Math.max(0, asked.milliseconds - server) }];
  return (
    <div className="timing">
      <div className="service-head">
        <Mark tone={good ? "good" : "bad"} icon={good ? <CheckCircleOutlined /> : <CloseCircleOutlined />}>{asked.status}</Mark>
        <span className="timing-total"><b>{milliseconds(asked.milliseconds)}</b>{server > 0 && <span className="quiet"> {t("predict.onServer", { time: milliseconds(server) })}</span>}</span>
        <span className="quiet">{bytes(asked.size)}</span>
      </div>
      {server > 0 && (
        <>
          <div className="split-bar" aria-hidden>{stages.map((one) => <span key={one.name} className={`call-${one.name}`} style={{ flexGrow: one.milliseconds }} />)}</div>
          <ul className="split-names">{stages.map((one) => <li key={one.name}><i className={`call-${one.name}`} aria-hidden />{t(`predict.stages.${one.name}` as never, { defaultValue: one.name }) as string} <b>{milliseconds(one.milliseconds)}</b></li>)}</ul>
        </>
      )}
    </div>
  );
}
