/** The flavour that an instance has: the most that it may use. */

import { useQuery } from "@tanstack/react-query";
import { Form, Select } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { readFlavours } from "../../training/create/choices";

export function FlavourItem() {
  const { t } = useTranslation();
  const form = Form.useFormInstance<{ flavour: string }>();
  const flavours = useQuery({ queryKey: ["job-flavours"], staleTime: 60_000, queryFn: ({ signal }) => readFlavours(signal) });
  const flavour = Form.useWatch("flavour", form) as string | undefined;
  useEffect(() => {
    const usual = flavours.data?.[0];
    if (usual && !form.getFieldValue("flavour")) form.setFieldValue("flavour", usual.id);
  }, [flavours.data, form, flavour]);
  const known = flavours.data ?? [];
  const options = known.map((one) => ({ value: one.id, label: `${t("create.cores", { count: one.cores })} · ${one.memory} GB${one.gpus ? ` · ${one.gpus} GPU` : ""}` }));
  if (flavour && !known.some((one) => one.id === flavour)) options.push({ value: flavour, label: flavour });
  return <Form.Item name="flavour" label={t("jobs.flavour")} extra={t("deploy.flavourAbout")}><Select options={options} loading={flavours.isLoading} /></Form.Item>;
}
