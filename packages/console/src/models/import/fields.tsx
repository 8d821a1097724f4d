/** The fields of an import. What the server would refuse is told beside the field, while one types. */

import { useQuery } from "@tanstack/react-query";
import { AutoComplete, Form, Input, Radio, Select } from "antd";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { PlaceField, readPlace } from "../../kit/bucket-picker";
import { Card } from "../../kit/page";
import { listJobs, obsOf, readVersion, readVersions } from "../../training/jobs";
import { listRuntimes, type Candidate } from "../calls";
import { DESCRIPTION, MODEL_NAME, MODES, TYPES, VERSION, type By, type Wanted } from "./form";
import { ZipField } from "./zip";

const BYS: By[] = ["job", "folder", "zip"];

export function Fields({ by, judged, told, onNamed }: { by: By; judged: Candidate | undefined; /** What the check says, where it stands right below the package. */ told?: ReactNode; onNamed: (place: string) => void }) {
  const { t } = useTranslation();
  return (
    <div className="parts">
      <Card title={t("models.from")}>
        <Form.Item name="by"><Radio.Group aria-label={t("models.from")} optionType="button" options={BYS.map((one) => ({ value: one, label: t(`models.bys.${one}`) }))} /></Form.Item>
        {by === "job" ? <OfJob onNamed={onNamed} /> : by === "zip" ? <OfZip onNamed={onNamed} /> : <OfFolder />}
      </Card>
      {told}
      <Card title={t("models.name")}><Naming /></Card>
      <Card title={t("models.how")} about={t("models.howAbout")}><Manner judged={judged} /></Card>
    </div>
  );
}

function usePlaceRule(needed: boolean) {
  const { t } = useTranslation();
  return { validator: (_: unknown, value: string | undefined) => (value ? (readPlace(value) ? Promise.resolve() : Promise.reject(new Error(t("create.placeRule")))) : needed ? Promise.reject(new Error(t("kit.needed"))) : Promise.resolve()) };
}

function OfFolder() {
  const { t } = useTranslation();
  return (
    <Form.Item name="place" label={t("models.place")} extra={t("models.folderAbout")} rules={[usePlaceRule(true)]}>
      <PlaceField kind="folder" label={t("models.place")} placeholder="obs://my-data/model/" />
    </Form.Item>
  );
}

function OfZip({ onNamed }: { onNamed: (place: string) => void }) {
  const { t } = useTranslation();
  return <Form.Item name="place" label={t("models.zip")} rules={[{ required: true, message: t("kit.needed") }]}><ZipField onName={onNamed} /></Form.Item>;
}

function OfJob({ onNamed }: { onNamed: (place: string) => void }) {
  const { t } = useTranslation();
  const form = Form.useFormInstance<Wanted>();
  const [text, setText] = useState("");
  const job = (Form.useWatch("job", form) ?? "") as string;
  const version = (Form.useWatch("job_version", form) ?? "") as string;
  const jobs = useQuery({ queryKey: ["jobs", "to import", text], queryFn: ({ signal }) => listJobs({ page: 1, size: 50, sort: "", descending: true, text }, "", signal) });
  const versions = useQuery({ queryKey: ["job", job, "versions"], enabled: job !== "", queryFn: ({ signal }) => readVersions(job, signal) });
  const chosen = useQuery({ queryKey: ["job", job, version || "latest", "outputs"], enabled: job !== "", queryFn: ({ signal }) => readVersion(job, version || "latest", signal) });
  const outputs = (chosen.data?.specification.outputs ?? []).filter((one) => one.address);
  const options = (jobs.data?.rows ?? []).map((one) => ({ value: one.metadata.id, label: one.metadata.name }));
  const named = options.find((one) => one.value === job)?.label ?? "";
  useEffect(() => {
    if (named) onNamed(named);
  }, [named]);
  return (
    <>
      <div className="three">
        <Form.Item name="job" label={t("models.job")} rules={[{ required: true, message: t("kit.needed") }]}>
          <Select
            showSearch={{ filterOption: false, onSearch: setText }} loading={jobs.isLoading} notFoundContent={jobs.isLoading ? t("kit.loading") : t("jobs.none")} options={options}
            onChange={() => form.setFieldsValue({ job_version: "", place: "" })}
          />
        </Form.Item>
        <Form.Item name="job_version" label={t("jobs.version")} getValueProps={(value: string) => ({ value: value || undefined })} normalize={(value: string | undefined) => value ?? ""}>
          <Select allowClear disabled={!job} placeholder={t("models.jobVersionAbout")} loading={versions.isLoading} options={(versions.data ?? []).map((one) => ({ value: one.version, label: one.version }))} />
        </Form.Item>
      </div>
      <Form.Item name="place" label={t("models.placeInJob")} extra={t("models.placeInJobAbout")} rules={[usePlaceRule(false)]}>
        <PlaceField kind="folder" label={t("models.placeInJob")} disabled={!job} placeholder={outputs[0] ? obsOf(outputs[0].address) : "obs://"} {...(outputs.length === 1 && outputs[0] && { within: obsOf(outputs[0].address) })} />
      </Form.Item>
    </>
  );
}

function Naming() {
  const { t } = useTranslation();
  return (
    <>
      <div className="three">
        <Form.Item name="name" label={t("kit.name")} rules={[{ required: true, message: t("kit.needed") }, { pattern: MODEL_NAME, message: t("deploy.nameRule") }]}><Input autoComplete="off" spellCheck={false} maxLength={64} /></Form.Item>
        <Form.Item name="version" label={t("services.version")} rules={[{ pattern: VERSION, message: t("models.versionRule") }]}><Input autoComplete="off" placeholder={t("models.versionAbout")} /></Form.Item>
      </div>
      <Form.Item name="description" label={t("kit.description")} rules={[{ pattern: DESCRIPTION, message: t("models.descriptionRule") }]}><Input autoComplete="off" maxLength={100} /></Form.Item>
    </>
  );
}

/** Engine, code from elsewhere, and how a package without config.json takes requests. */
function Manner({ judged }: { judged: Candidate | undefined }) {
  const { t } = useTranslation();
  const form = Form.useFormInstance<Wanted>();
  const runtimes = useQuery({ queryKey: ["runtimes"], staleTime: Infinity, queryFn: ({ signal }) => listRuntimes(signal) });
  const type = ((Form.useWatch("type", form) as string | undefined) || judged?.model_type) ?? "";
  const known = runtimes.data?.find((one) => one.ai_engine === type)?.runtimes ?? [];
  const empty = { getValueProps: (value: string) => ({ value: value || undefined }), normalize: (value: string | undefined) => value ?? "" };
  return (
    <>
      <div className="three">
        <Form.Item name="type" label={t("models.type")} {...empty}>
          <Select allowClear placeholder={judged?.model_type ?? t("models.typeAbout")} options={TYPES.map((one) => ({ value: one, label: one }))} />
        </Form.Item>
        <Form.Item name="runtime" label={t("models.runtime")} {...empty}>
          <AutoComplete allowClear placeholder={judged?.engine?.asked || t("models.runtimeAbout")} options={known.map((value) => ({ value }))} showSearch={{ filterOption: (typed, option) => (option?.value ?? "").includes(typed) }} />
        </Form.Item>
      </div>
      <Form.Item name="code" label={t("models.code")} extra={t("models.codeAbout")} rules={[usePlaceRule(false)]}>
        <PlaceField kind="object" ending=".py" label={t("models.code")} placeholder="obs://my-data/code/customize_service.py" />
      </Form.Item>
      <Form.Item name="mode" label={t("models.mode")} extra={t("models.modeAbout")} {...empty}>
        <Select allowClear placeholder={t("models.modeNone")} options={MODES.map((one) => ({ value: one, label: t(`models.modes.${one}`) }))} />
      </Form.Item>
    </>
  );
}
