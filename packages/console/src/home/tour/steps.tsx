/** What each step of the tour says, and the one button that has it done. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { RedoOutlined, RocketOutlined } from "../../kit/icons";
import { removeModel } from "../../models/calls";
import { startService } from "../../services/calls";
import { runAgain } from "../../training/jobs";
import { tellError } from "../../words/errors";
import { tell } from "../../words/told";
import { deployDigits, FACTS, fillBucket, importDigits, readLastLines, trainDigits, type Facts } from "./calls";
import { Ask } from "./ask";
import type { At, StepWord } from "./standing";

const LIVE = 1500;

export function Step({ word, at, facts, may }: { word: StepWord; at: At; facts: Facts; may: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="tour-body">
      <p>{t(`tour.does.${word}`)}</p>
      {word === "train" && at === "next" && <p className="quiet">{t(facts.tour.engine_ready ? "tour.engineReady" : "tour.engineFirst", { engine: facts.tour.engine })}</p>}
      {at === "failed" && <Failed word={word} facts={facts} />}
      {at === "going" && <Going word={word} facts={facts} />}
      {word === "predict" ? <Ask facts={facts} may={may} /> : may && at !== "going" && at !== "done" && <Do word={word} at={at} facts={facts} />}
    </div>
  );
}

/** The button; what it starts is seen at the next look. */
function Do({ word, at, facts }: { word: StepWord; at: At; facts: Facts }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const again = at === "failed";
  const act = async () => {
    setBusy(true);
    setProblem("");
    try {
      await (again ? doAgain(word, facts) : doFirst(word, facts, t("tour.madeBy")));
      await queries.invalidateQueries({ queryKey: FACTS });
    } catch (error) {
      setProblem(tellError(error, t));
    }
    setBusy(false);
  };
  return (
    <>
      <div className="tour-buttons">
        <Button type="primary" icon={again ? <RedoOutlined /> : <RocketOutlined />} loading={busy} onClick={() => void act()}>
          {again ? t("kit.again") : t(`tour.do.${word as "data"}`)}
        </Button>
      </div>
      {problem && <p className="problem" role="alert">{problem}</p>}
    </>
  );
}

async function doFirst(word: StepWord, { tour, job, model }: Facts, description: string): Promise<void> {
  if (word === "data") await fillBucket();
  if (word === "train") await trainDigits(tour, description);
  if (word === "model" && job) await importDigits(tour, job.id, description);
  if (word === "deploy" && model) await deployDigits(tour, model.model_id, description);
}

async function doAgain(word: StepWord, { tour, job, model, service }: Facts): Promise<void> {
  if (word === "train" && job) await runAgain(job.id, { from: "latest" });
  if (word === "deploy" && service) await startService(service.service_id);
  if (word === "model" && model && job) {
    await removeModel(model.model_id);
    await importDigits(tour, job.id, model.description);
  }
}

function Going({ word, facts: { job, model } }: { word: StepWord; facts: Facts }) {
  const { t } = useTranslation();
  if (word === "train" && job) return <LastLines run={job.version.runs[0]?.id ?? ""} />;
  const told: ReactNode = word === "model" && model ? tell(model.progress_told, model.progress) : "";
  return <p className="quiet" role="status">{told || t("tour.wait")}</p>;
}

/** What the script writes at the moment. */
function LastLines({ run }: { run: string }) {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: [...FACTS, "lines", run], queryFn: ({ signal }) => readLastLines(run, signal), refetchInterval: LIVE, enabled: run !== "" });
  return <pre className="tour-lines" aria-label={t("tour.log")}>{found.data || t("tour.wait")}</pre>;
}

function Failed({ word, facts: { job, model, service } }: { word: StepWord; facts: Facts }) {
  const { t } = useTranslation();
  const told = word === "train" ? job && tell(job.version.told, job.version.message)
    : word === "model" ? model && tell(model.error_told, model.error)
    : service && tell(service.error_told, service.error_msg);
  return <p className="problem" role="alert">{told || t(word === "deploy" && service?.status === "stopped" ? "tour.stopped" : "tour.failed")}</p>;
}
