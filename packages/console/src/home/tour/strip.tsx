/** On every other page while one is on the tour: where it stands, and the way back. */

import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { CloseOutlined, RocketOutlined } from "../../kit/icons";
import { FACTS, readFacts } from "./calls";
import { hereOf, stepsOf } from "./standing";
import { keepUnderway } from "./underway";
import "./tour.css";

const LIVE = 5000;

export default function Strip() {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: FACTS, queryFn: ({ signal }) => readFacts(signal), refetchInterval: LIVE });
  const steps = found.data && stepsOf(found.data);
  const here = steps ? hereOf(steps) : 0;
  const step = steps?.[here];
  return (
    <aside className="tour-strip" aria-label={t("tour.title")}>
      <RocketOutlined />
      <span><b>{t("tour.title")}</b>{step && <> <span className="quiet">{t("tour.at", { number: here + 1, of: steps.length })} · {t(`tour.steps.${step.word}`)}</span></>}</span>
      <span className="spring" />
      <Link to="/console/tour"><Button size="small" type="primary" tabIndex={-1}>{t("tour.back")}</Button></Link>
      <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("tour.leave")} title={t("tour.leave")} onClick={() => keepUnderway("left")} />
    </aside>
  );
}
