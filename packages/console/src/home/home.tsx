/** Home: how far the loop has come, what was worked on last, how busy the machine is; and the way into the tour. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useMay, useSession } from "../api/session";
import { Chip, Mark } from "../kit/chip";
import { Empty, Failure, Loading } from "../kit/faces";
import { ArrowRightOutlined, CheckCircleOutlined, CheckOutlined, RocketOutlined } from "../kit/icons";
import { Card, Page } from "../kit/page";
import { count } from "../kit/size";
import { Time } from "../kit/time";
import { MENU } from "../menu";
import { hasCome, nextStep, stepsOf, type Counts, type Step } from "./loop";
import { Machine } from "./machine";
import { pageOf, readOverview, type Overview, type Work } from "./work";
import { keepUnderway, useUnderway } from "./tour/underway";
import "./home.css";

export function Component() {
  const { t } = useTranslation();
  const session = useSession();
  const found = useQuery({
    queryKey: ["overview"], queryFn: ({ signal }) => readOverview(signal), refetchInterval: 5000, placeholderData: keepPreviousData,
  });
  const invited = useInvited(found.data);
  const tour = <Link to={TOUR}><Button icon={<RocketOutlined />} tabIndex={-1}>{t("tour.title")}</Button></Link>;
  return (
    <Page title={t("menu.home")} about={t("home.hello", { name: session.user_name })} tools={tour}>
      {found.error && !found.data ? <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>
        : (
          <>
            <Loop counts={found.data?.counts} calm={invited} />
            <div className="home-below">
              <Recent work={found.data?.work} invited={invited} />
              <Machine />
            </div>
          </>
        )}
    </Page>
  );
}

const TOUR = "/console/tour";
const NOT_YET: Counts = { buckets: null, jobs: null, models: null, services: null, batches: null };

/** Who has nothing here yet is shown the tour, until they say that they have no use for it. */
function useInvited(found: Overview | undefined): boolean {
  const may = useMay("member");
  const underway = useUnderway();
  return may && underway === "" && found !== undefined && found.work.length === 0;
}

/** In the place of what was worked on last, so that nothing moves when it comes. */
function Invitation() {
  const { t } = useTranslation();
  return (
    <Empty
      icon={<RocketOutlined />} title={t("tour.invitation")} about={t("tour.invitationAbout")}
      action={(
        <div className="buttons">
          <Button onClick={() => keepUnderway("left")}>{t("tour.notNow")}</Button>
          <Link to={TOUR}><Button type="primary" tabIndex={-1}>{t("tour.start")} <ArrowRightOutlined /></Button></Link>
        </div>
      )}
    />
  );
}

/** `counts` are not there yet while it is drawn for the first time; then nothing moves when they come. */
function Loop({ counts, calm }: { counts: Counts | undefined; calm: boolean }) {
  const { t } = useTranslation();
  const steps = stepsOf(counts ?? NOT_YET);
  const next = counts ? nextStep(steps) : -1;
  const step = steps[next];
  const todo = step?.word ?? "ask";
  return (
    <Card className="loop">
      <ol>
        {steps.map((one, at) => <Stage key={one.word} step={one} place={at === next ? "next" : hasCome(one) ? "done" : "later"} known={Boolean(counts)} />)}
      </ol>
      <div className="loop-next">
        {counts && (
          <>
            <RocketOutlined />
            <span><b>{t("home.next")}</b> {t(`home.todo.${todo}`)}</span>
            <Link to={`/console/${step?.room ?? "services"}`}><Button type={calm ? "default" : "primary"} tabIndex={-1}>{t(`home.go.${todo}`)} <ArrowRightOutlined /></Button></Link>
          </>
        )}
      </div>
    </Card>
  );
}

/** All of it leads to its page; what the step has come to in another way leads to its own. */
function Stage({ step: { word, room, count: there, also }, place, known }: { step: Step; place: "next" | "done" | "later"; known: boolean }) {
  const { t } = useTranslation();
  const Icon = MENU.find((entry) => entry.word === room)?.icon;
  return (
    <li className={place} aria-current={place === "next" ? "step" : undefined}>
      <span className="loop-icon">{place === "done" ? <CheckOutlined /> : Icon && <Icon />}</span>
      <span className="loop-words">
        <Link to={`/console/${room}`}>
          <b>{t(`home.steps.${word}`)}</b>
          <span className="quiet">{!known ? "…" : there === null ? t("home.noneHere") : t(`home.counts.${word}`, { count: there, told: count(there) })}</span>
        </Link>
        {also && also.count > 0 && <Link className="loop-also" to={`/console/${also.room}`}>{t(`home.counts.${also.word}`, { count: also.count, told: count(also.count) })}</Link>}
      </span>
    </li>
  );
}

/** A service that runs is as it should be; of all else that runs something is still to come. */
function State({ work: { noun, state } }: { work: Work }) {
  const { t } = useTranslation();
  if (noun !== "services" || state !== "running") return <Chip state={state} />;
  return <Mark tone="good" icon={<CheckCircleOutlined />}>{t("states.running")}</Mark>;
}

function Recent({ work, invited }: { work: Work[] | undefined; invited: boolean }) {
  const { t } = useTranslation();
  return (
    <Card title={t("home.recent")} flush>
      {!work ? <Loading /> : invited ? <Invitation /> : work.length === 0
        ? <Empty icon={<RocketOutlined />} title={t("home.nothingYet")} about={t("home.nothingAbout")} command="maquette demo" />
        : (
          <ul className="recent">
            {work.map((one) => {
              const Icon = MENU.find((entry) => entry.word === one.noun)?.icon;
              return (
                <li key={`${one.noun} ${one.id}`}>
                  <span className="recent-icon" title={t(`menu.${one.noun}`)}>{Icon && <Icon />}</span>
                  <span className="recent-name"><Link to={pageOf(one)}>{one.name}</Link><span className="quiet small">{t(`menu.${one.noun}`)}</span></span>
                  <State work={one} />
                  <span className="quiet recent-time"><Time at={one.at} /></span>
                </li>
              );
            })}
          </ul>
        )}
    </Card>
  );
}
