/** Home: how far the loop has come, what was worked on last, how busy the machine is. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useSession } from "../api/session";
import { Chip } from "../kit/chip";
import { Empty, Failure, Loading } from "../kit/faces";
import { ArrowRightOutlined, CheckOutlined, RocketOutlined } from "../kit/icons";
import { Card, Page } from "../kit/page";
import { count } from "../kit/size";
import { Time } from "../kit/time";
import { MENU } from "../menu";
import { nextStep, stepsOf, type Counts } from "./loop";
import { Machine } from "./machine";
import { readOverview, type Work } from "./work";
import "./home.css";

export function Component() {
  const { t } = useTranslation();
  const session = useSession();
  const found = useQuery({
    queryKey: ["overview"], queryFn: ({ signal }) => readOverview(signal), refetchInterval: 5000, placeholderData: keepPreviousData,
  });
  return (
    <Page title={t("menu.home")} about={t("home.hello", { name: session.user_name })}>
      {found.error && !found.data ? <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>
        : !found.data ? <Card><Loading /></Card>
        : (
          <>
            <Loop counts={found.data.counts} />
            <div className="home-below">
              <Recent work={found.data.work} />
              <Machine />
            </div>
          </>
        )}
    </Page>
  );
}

function Loop({ counts }: { counts: Counts }) {
  const { t } = useTranslation();
  const steps = stepsOf(counts);
  const next = nextStep(steps);
  const step = steps[next];
  return (
    <Card className="loop">
      <ol>
        {steps.map(({ word, room, count: there }, at) => {
          const Icon = MENU.find((entry) => entry.word === room)?.icon;
          const place = at === next ? "next" : there ? "done" : "later";
          return (
            <li key={word} className={place} aria-current={at === next ? "step" : undefined}>
              <Link to={`/console/${room}`}>
                <span className="loop-icon">{place === "done" ? <CheckOutlined /> : Icon && <Icon />}</span>
                <span className="loop-words">
                  <b>{t(`home.steps.${word}`)}</b>
                  <span className="quiet">{there === null ? t("home.noneHere") : t(`home.counts.${word}`, { count: there, told: count(there) })}</span>
                </span>
              </Link>
            </li>
          );
        })}
      </ol>
      {step && (
        <div className="loop-next">
          <RocketOutlined />
          <span><b>{t("home.next")}</b> {t(`home.todo.${step.word}`)}</span>
          <Link to={`/console/${step.room}`}><Button type="primary" tabIndex={-1}>{t(`home.go.${step.word}`)} <ArrowRightOutlined /></Button></Link>
        </div>
      )}
    </Card>
  );
}

function Recent({ work }: { work: Work[] }) {
  const { t } = useTranslation();
  return (
    <Card title={t("home.recent")} flush>
      {work.length === 0
        ? <Empty icon={<RocketOutlined />} title={t("home.nothingYet")} about={t("home.nothingAbout")} command="maquette demo" />
        : (
          <ul className="recent">
            {work.map((one) => {
              const Icon = MENU.find((entry) => entry.word === one.noun)?.icon;
              return (
                <li key={`${one.noun} ${one.id}`}>
                  <span className="recent-icon" title={t(`menu.${one.noun}`)}>{Icon && <Icon />}</span>
                  <span className="recent-name"><Link to={`/console/${one.noun}`}>{one.name}</Link><span className="quiet small">{t(`menu.${one.noun}`)}</span></span>
                  <Chip state={one.state} />
                  <span className="quiet recent-time"><Time at={one.at} /></span>
                </li>
              );
            })}
          </ul>
        )}
    </Card>
  );
}
