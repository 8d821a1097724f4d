/** Imports a package: a folder or a zip of a bucket, or what a training job has left. */

import { useQuery } from "@tanstack/react-query";
import { Form, Input, Modal, Radio, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { SentModel } from "../api/calls";
import { PlaceField, readPlace } from "../kit/bucket-picker";
import { CopyButton } from "../kit/copy";
import { listJobs, readVersions } from "../training/jobs";
import { shell } from "../training/create/form";
import { tellError } from "../words/errors";
import { importModel } from "./calls";

export const MODEL_NAME = /^[\p{L}\p{N}_-]{1,64}$/u;
const VERSION = /^\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const TYPES = ["PyTorch", "TensorFlow", "MindSpore", "Scikit_Learn", "XGBoost", "PySpark"];

interface Wanted {
  by: "folder" | "job";
  name: string;
  version?: string;
  folder?: string;
  job?: string;
  job_version?: string;
  type?: string;
  description?: string;
}

export function Import({ onClose, onMade }: { onClose: () => void; onMade: (id: string) => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Wanted>();
  const by = (Form.useWatch("by", form) ?? "folder") as Wanted["by"];
  const wanted = (Form.useWatch([], form) ?? {}) as Partial<Wanted>;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const make = async (values: Wanted) => {
    setBusy(true);
    setProblem("");
    try {
      onMade(await importModel(bodyOf(values)));
    } catch (error) {
      setProblem(tellError(error, t));
      setBusy(false);
    }
  };
  const place = (_: unknown, value: string | undefined) => (value && readPlace(value) ? Promise.resolve() : Promise.reject(new Error(t(value ? "create.placeRule" : "kit.needed"))));
  return (
    <Modal open width={600} title={t("models.import")} onCancel={onClose} okText={t("models.importIt")} confirmLoading={busy} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ by: "folder" }} onFinish={(values) => void make(values)}>
        <Form.Item name="by" label={t("models.from")}>
          <Radio.Group options={[{ value: "folder", label: t("models.fromFolder") }, { value: "job", label: t("models.fromJob") }]} optionType="button" />
        </Form.Item>
        {by === "folder"
          ? <Form.Item name="folder" label={t("boards.folder")} extra={t("models.folderAbout")} rules={[{ validator: place }]}><PlaceField kind="folder" label={t("boards.folder")} placeholder="obs://my-data/model/" /></Form.Item>
          : <OfJob />}
        <Form.Item name="name" label={t("kit.name")} rules={[{ required: true, message: t("kit.needed") }, { pattern: MODEL_NAME, message: t("create.nameRule") }]}><Input autoComplete="off" spellCheck={false} maxLength={64} /></Form.Item>
        <div className="three">
          <Form.Item name="version" label={t("services.version")} extra={t("models.versionAbout")} rules={[{ pattern: VERSION, message: t("models.versionRule") }]}><Input autoComplete="off" placeholder="0.0.1" /></Form.Item>
          <Form.Item name="type" label={t("models.type")} extra={t("models.typeAbout")}><Select allowClear options={TYPES.map((one) => ({ value: one, label: one }))} /></Form.Item>
        </div>
        <Form.Item name="description" label={t("kit.description")}><Input autoComplete="off" maxLength={100} /></Form.Item>
      </Form>
      {problem && <p className="problem" role="alert">{problem}</p>}
      {wanted.name && (wanted.folder || wanted.job) && <span className="copied"><code className="small">{cliOf({ ...wanted, by } as Wanted)}</code><CopyButton text={cliOf({ ...wanted, by } as Wanted)} /></span>}
    </Modal>
  );
}

export function bodyOf({ by, name, version, folder = "", job = "", job_version, type, description }: Wanted): SentModel {
  const place = folder.endsWith("/") || folder.endsWith(".zip") ? folder : `${folder}/`;
  return {
    model_name: name, ...(version && { model_version: version }), ...(type && { model_type: type }), ...(description && { description }),
    ...(by === "folder" ? { source_location: place.replace(/^s3:/, "obs:") } : { source_job_id: job, source_type: "train", ...(job_version && { source_job_version: job_version }) }),
  };
}

export function cliOf(wanted: Wanted): string {
  const from = wanted.by === "folder" ? shell(wanted.folder ?? "") : `--job ${shell(wanted.job ?? "")}${wanted.job_version ? ` --job-version ${shell(wanted.job_version)}` : ""}`;
  const more = [["--version", wanted.version], ["--type", wanted.type], ["--description", wanted.description]] as const;
  return [`maquette models import ${from} --name ${shell(wanted.name)}`, ...more.flatMap(([option, value]) => (value ? [`${option} ${shell(value)}`] : []))].join(" ");
}

function OfJob() {
  const { t } = useTranslation();
  const form = Form.useFormInstance<Wanted>();
  const [text, setText] = useState("");
  const job = Form.useWatch("job", form) as string | undefined;
  const jobs = useQuery({ queryKey: ["jobs", "to import", text], queryFn: ({ signal }) => listJobs({ page: 1, size: 50, sort: "", descending: true, text }, "", signal) });
  const versions = useQuery({ queryKey: ["job", job, "versions"], enabled: Boolean(job), queryFn: ({ signal }) => readVersions(job ?? "", signal) });
  return (
    <div className="three">
      <Form.Item name="job" label={t("models.job")} rules={[{ required: true, message: t("kit.needed") }]}>
        <Select
          showSearch={{ filterOption: false, onSearch: setText }} loading={jobs.isLoading} notFoundContent={jobs.isLoading ? t("kit.loading") : t("jobs.none")}
          options={(jobs.data?.rows ?? []).map((one) => ({ value: one.metadata.id, label: one.metadata.name }))} onChange={(_, one) => { form.setFieldValue("job_version", undefined); if (!form.getFieldValue("name")) form.setFieldValue("name", (one as { label: string }).label); }}
        />
      </Form.Item>
      <Form.Item name="job_version" label={t("jobs.version")} extra={t("models.jobVersionAbout")}>
        <Select allowClear disabled={!job} loading={versions.isLoading} options={(versions.data ?? []).map((one) => ({ value: one.version, label: one.version }))} />
      </Form.Item>
    </div>
  );
}
