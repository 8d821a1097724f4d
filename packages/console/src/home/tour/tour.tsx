/** The guided tour: the digits example, step by step, each done by a click, each showing where it lives. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useMay } from "../../api/session";
import { Chip } from "../../kit/chip";
import { Failure, Loading } from "../../kit/faces";
import { ArrowRightOutlined, CheckOutlined, DeleteOutlined } from "../../kit/icons";
import { Card, Page } from "../../kit/page";
import { MENU } from "../../menu";
import { Standing as ServiceStanding } from "../../services/standing";
import { CleanUp } from "./clean-up";
import { FACTS, readFacts, type Facts } from "./calls";
import { hasBegun, hereOf, stepsOf, type Standing } from "./standing";
import { Step } from "./steps";
import { keepUnderway } from "./underway";
import "./tour.css";

const LIVE = 1500;
const CALM = 10_000;

export function Component() {
  const { t } = useTranslation();
  const may = useMay("member");
  const [cleaning, setCleaning] = useState(false);
  const found = useQuery({
    queryKey: FACTS, queryFn: ({ signal }) => readFacts(signal), placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data && stepsOf(state.data).some((step) => step.at === "going") ? LIVE : CALM),
  });
  const steps = found.data && stepsOf(found.data);
  const begun = steps !== undefined && hasBegun(steps);
  useEffect(() => {
    if (begun && may) keepUnderway("on");
  }, [begun, may]);
  const tidy = begun && may && <Button icon={<DeleteOutlined />} onClick={() => setCleaning(true)}>{t("tour.cleanUp")}</Button>;
  return (
    <Page title={t("tour.title")} about={t("tour.about")} crumbs={[{ label: t("menu.home"), to: "/console" }]} tools={tidy}>
      {found.error && !found.data ? <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>
        : !found.data || !steps ? <Card><Loading /></Card>
        : <Steps facts={found.data} steps={steps} may={may} onCleanUp={() => setCleaning(true)} />}
      {cleaning && <CleanUp onClose={() => setCleaning(false)} />}
    </Page>
  );
}

function Steps({ facts, steps, may, onCleanUp }: { facts: Facts; steps: Standing[]; may: boolean; onCleanUp: () => void }) {
  const { t } = useTranslation();
  const here = hereOf(steps);
  const over = steps.every((step) => step.at === "done");
  return (
    <div className="tour">
      {!may && <p className="tour-note" role="note">{t("tour.viewer")}</p>}
      <ol className="tour-steps">
        {steps.map((step, at) => (
          <li key={step.word} className={`tour-step ${step.at}`} aria-current={at === here ? "step" : undefined}>
            <span className="tour-number" aria-hidden>{step.at === "done" ? <CheckOutlined /> : at + 1}</span>
            <section className="card tour-card">
              <Head step={step} facts={facts} />
              {at === here && <Step word={step.word} at={step.at} facts={facts} may={may} />}
            </section>
          </li>
        ))}
      </ol>
      {over && (
        <Card className="tour-end" title={t("tour.over")}>
          <p>{t("tour.overAbout")}</p>
          <div className="tour-buttons">
            <Link to="/console/buckets"><Button type="primary" tabIndex={-1}>{t("tour.own")} <ArrowRightOutlined /></Button></Link>
            {may && <Button icon={<DeleteOutlined />} onClick={onCleanUp}>{t("tour.cleanUp")}</Button>}
          </div>
        </Card>
      )}
    </div>
  );
}

/** What the step is, how it stands, and where in the menu it lives. */
function Head({ step: { word, at, room, page }, facts }: { step: Standing; facts: Facts }) {
  const { t } = useTranslation();
  const entry = MENU.find((one) => one.word === room);
  const state = word === "train" ? facts.job?.version.state : word === "model" ? facts.model?.model_status : undefined;
  return (
    <div className="tour-head">
      <h2>{t(`tour.steps.${word}`)}</h2>
      {state && <Chip state={state} />}
      {word === "deploy" && facts.service && <ServiceStanding service={facts.service} />}
      <span className="spring" />
      {page && at !== "next"
        ? <Link to={page}>{entry && <entry.icon />} {t("tour.look", { room: t(`menu.${room}`) })}</Link>
        : <span className="quiet">{entry && <entry.icon />} {t("tour.lives", { room: t(`menu.${room}`) })}</span>}
    </div>
  );
}
