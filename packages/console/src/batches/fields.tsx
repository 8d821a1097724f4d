/** The fields of a batch. What the server would refuse is told beside the field, while one types. */

import { useQuery } from "@tanstack/react-query";
import { Form, InputNumber, Radio, Select } from "antd";
import type { TFunction } from "i18next";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { Failure, Loading } from "../kit/faces";
import { PlaceField } from "../kit/bucket-picker";
import { Card } from "../kit/page";
import { readModel, type ListedModel } from "../models/calls";
import { isUp, listBatches, type Service } from "../services/calls";
import { FlavourItem } from "../services/deploy/flavour";
import { Naming } from "../services/deploy/naming";
import { Variables } from "../services/deploy/variables";
import { leavesOf, readApis, type Api } from "./apis";
import { MOST_INSTANCES, sameFolder, usualColumns, type Wanted } from "./form";
import { Mapping } from "./mapping";
import { problemOfFolder, problemOfManifest, problemOfTarget, type Problem } from "./places";

const PAUSE = 350;

export function Fields({ models, service }: { models: ListedModel[]; service: Service | undefined }) {
  const { t } = useTranslation();
  const api = useApi();
  return (
    <div className="parts">
      <Naming fixed={service !== undefined} />
      <Model models={models} service={service} api={api.chosen} apis={api.all} />
      {api.failed ? <Card><Failure error={api.failed} /></Card> : api.waits ? <Card><Loading /></Card> : null}
      <Places api={api.chosen} service={service} />
      {api.chosen?.files.length === 0 && <Mapping key={api.chosen.url} api={api.chosen} />}
      <Card title={t("create.machine")}>
        <div className="three">
          <FlavourItem />
          <Form.Item name="instances" label={t("services.instances")} extra={t("batches.instancesAbout")} rules={[{ required: true, message: t("kit.needed") }]}>
            <InputNumber min={1} max={MOST_INSTANCES} precision={0} />
          </Form.Item>
        </div>
      </Card>
      <Card title={t("jobs.environment")} about={t("deploy.variablesAbout")}><Variables /></Card>
    </div>
  );
}

/** The apis of the version that is chosen, and the one of them; its parameters are the columns at first. */
export function useApi(): { all: Api[]; chosen: Api | undefined; waits: boolean; failed: unknown } {
  const form = Form.useFormInstance<Wanted>();
  const version = Form.useWatch("version", form) ?? "";
  const path = Form.useWatch("path", form) ?? "/";
  const found = useQuery({ queryKey: ["model", version], enabled: version !== "", staleTime: Infinity, queryFn: ({ signal }) => readModel(version, signal) });
  const all = found.data ? readApis(found.data.config) : [];
  const chosen = all.find((one) => one.url === path) ?? all[0];
  const leaves = chosen?.files.length === 0 ? leavesOf(chosen.schema).length : 0;
  useEffect(() => {
    if (!chosen) return;
    if (form.getFieldValue("path") !== chosen.url) form.setFieldValue("path", chosen.url);
    const columns = (form.getFieldValue("columns") ?? []) as Wanted["columns"];
    if (columns.length !== leaves) form.setFieldValue("columns", leaves > 0 ? usualColumns(chosen.schema) : []);
  }, [chosen?.url, version, leaves]); // eslint-disable-line
  return { all, chosen, waits: found.isLoading, failed: found.data ? undefined : found.error };
}

function Model({ models, service, api, apis }: { models: ListedModel[]; service: Service | undefined; api: Api | undefined; apis: Api[] }) {
  const { t } = useTranslation();
  const form = Form.useFormInstance<Wanted>();
  const model = (Form.useWatch("model", form) ?? form.getFieldValue("model")) as string;
  const names = [...new Set([...models.map((one) => one.model_name), ...(service ? service.config.map((one) => one.model_name) : [])])];
  const versions = models.filter((one) => one.model_name === model).map((one) => ({ value: one.model_id, label: one.model_version }));
  for (const one of service?.config ?? []) {
    if (one.model_name === model && !versions.some((other) => other.value === one.model_id)) versions.push({ value: one.model_id, label: one.model_version });
  }
  const wrong = api && wrongWith(api, t);
  const fit = () => (wrong ? Promise.reject(new Error(wrong)) : Promise.resolve());
  useEffect(() => {
    if (wrong) void form.validateFields(["version"]).catch(() => undefined); // told beside the field
  }, [wrong, form]);
  const change = (name: string) => {
    form.setFieldsValue({ version: models.find((one) => one.model_name === name)?.model_id ?? "", columns: [] });
  };
  return (
    <Card title={t("deploy.what")}>
      <div className="three">
        <Form.Item name="model" label={t("deploy.model")} rules={[{ required: true, message: t("kit.needed") }]}>
          <Select showSearch options={names.map((name) => ({ value: name, label: name }))} onChange={change} />
        </Form.Item>
        <Form.Item name="version" label={t("services.version")} validateFirst rules={[{ required: true, message: t("kit.needed") }, { validator: fit }]}>
          <Select options={versions} onChange={() => form.setFieldValue("columns", [])} />
        </Form.Item>
        {apis.length > 1 && (
          <Form.Item name="path" label={t("batches.path")}>
            <Select options={apis.map((one) => ({ value: one.url, label: one.url }))} onChange={() => form.setFieldValue("columns", [])} />
          </Form.Item>
        )}
      </div>
      {api && !wrong && <p className="quiet">{api.files.length === 1 ? t("batches.byFile", { name: api.files[0] }) : t("batches.byRow")}</p>}
    </Card>
  );
}

/** Why a batch cannot work with an api. */
function wrongWith(api: Api, t: TFunction): string {
  if (api.files.length > 1) return t("batches.severalFiles", { names: api.files.join(", ") });
  return api.files.length === 0 && leavesOf(api.schema).length === 0 ? t("batches.noParameters") : "";
}

function Places({ api, service }: { api: Api | undefined; service: Service | undefined }) {
  const { t } = useTranslation();
  const form = Form.useFormInstance<Wanted>();
  const by = Form.useWatch("by", form) ?? (form.getFieldValue("by") as Wanted["by"]);
  const tables = api?.files.length === 0;
  useEffect(() => {
    if (form.getFieldValue("folder")) void form.validateFields(["folder"]).catch(() => undefined); // told beside the field
  }, [tables, form]);
  const needed = { required: true, message: t("kit.needed") };
  const look = (ask: (address: string) => Promise<Problem | null>) => ({
    validator: async (_: unknown, address: string) => {
      const problem = address ? await ask(address) : null;
      if (problem) throw new Error(t(`batches.places.${problem}`));
    },
  });
  return (
    <Card title={t("create.data")}>
      <Form.Item name="by" label={t("batches.source")}>
        <Radio.Group optionType="button" options={[{ value: "folder", label: t("batches.aFolder") }, { value: "manifest", label: t("batches.aManifest") }]} />
      </Form.Item>
      {by === "manifest" ? (
        <Form.Item name="manifest" label={t("batches.manifest")} extra={t("batches.manifestAbout")} validateDebounce={PAUSE} validateFirst rules={[needed, look(problemOfManifest)]}>
          <PlaceField kind="object" label={t("batches.manifest")} placeholder="obs://bucket/list.manifest" />
        </Form.Item>
      ) : (
        <Form.Item
          name="folder" label={t("batches.folder")} extra={t(tables ? "batches.tablesAbout" : "batches.folderAbout")} validateDebounce={PAUSE} validateFirst
          rules={[needed, look((address) => problemOfFolder(address, tables))]}
        >
          <PlaceField kind="folder" label={t("batches.folder")} placeholder="obs://bucket/in/" />
        </Form.Item>
      )}
      <Target look={look(problemOfTarget)} service={service} />
    </Card>
  );
}

/** Where the results go. A batch that is at work there speaks against it; what one has left is told. */
function Target({ look, service }: { look: { validator: (rule: unknown, address: string) => Promise<void> }; service: Service | undefined }) {
  const { t } = useTranslation();
  const form = Form.useFormInstance<Wanted>();
  const target = (Form.useWatch("target", form) ?? "") as string;
  const others = useQuery({ queryKey: ["batches", "all"], refetchInterval: 5000, queryFn: ({ signal }) => listBatches(signal) });
  const same = (others.data ?? []).filter((one) => one.service_id !== service?.service_id && sameFolder(one.config[0]?.dest_path ?? "", target));
  const going = same.find(isUp);
  const ended = going ? undefined : same[0];
  useEffect(() => {
    if (form.getFieldValue("target")) void form.validateFields(["target"]).catch(() => undefined); // told beside the field
  }, [going?.service_id, form]);
  const alone = async () => {
    if (going) throw new Error(t("batches.folderTaken", { name: going.service_name }));
  };
  return (
    <>
      <Form.Item name="target" label={t("batches.target")} extra={t("batches.targetAbout")} validateDebounce={PAUSE} validateFirst rules={[{ required: true, message: t("kit.needed") }, look, { validator: alone }]}>
        <PlaceField kind="folder" label={t("batches.target")} placeholder="obs://bucket/out/" />
      </Form.Item>
      {ended && <p className="advice calm" role="status">{t("batches.folderUsed", { name: ended.service_name })}</p>}
    </>
  );
}
