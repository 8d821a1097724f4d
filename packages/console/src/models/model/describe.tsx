/** Changes what is said of a version; what it is made of never changes. */

import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { CloseOutlined, PlusOutlined } from "../../kit/icons";
import { tellError } from "../../words/errors";
import { describeModel, type Doc, type Model, type Tag } from "../calls";
import { DESCRIPTION } from "../import/form";

const MOST = { tags: 5, model_docs: 3 };

interface Wanted {
  description: string;
  tags: Tag[];
  model_docs: Doc[];
}

export function Describe({ model, onClose }: { model: Model; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [form] = Form.useForm<Wanted>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const keep = async ({ description, tags, model_docs }: Wanted) => {
    setBusy(true);
    setProblem("");
    try {
      await describeModel(model.model_id, { description: description ?? "", tags: tags.map(({ key, value }) => ({ key, value: value ?? "" })), model_docs });
      await queries.invalidateQueries({ queryKey: ["model"] });
      onClose();
    } catch (error) {
      setProblem(tellError(error, t));
      setBusy(false);
    }
  };
  const { description, tags, model_docs } = model;
  return (
    <Modal open width={600} title={t("models.describe")} onCancel={onClose} okText={t("models.keep")} confirmLoading={busy} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ description, tags, model_docs }} onFinish={(values) => void keep(values)}>
        <Form.Item name="description" label={t("kit.description")} rules={[{ pattern: DESCRIPTION, message: t("models.descriptionRule") }]}><Input.TextArea rows={2} maxLength={100} showCount /></Form.Item>
        <Rows part="tags" title={t("models.tags")} names={["key", "value"]} labels={[t("models.tagKey"), t("create.value")]} />
        <Rows part="model_docs" title={t("models.docs")} names={["doc_name", "doc_url"]} labels={[t("kit.name"), t("models.docUrl")]} />
      </Form>
      {problem && <p className="problem" role="alert">{problem}</p>}
    </Modal>
  );
}

function Rows({ part, title, names: [first, second], labels }: { part: "tags" | "model_docs"; title: string; names: [string, string]; labels: [string, string] }) {
  const { t } = useTranslation();
  return (
    <Form.List name={part}>
      {(rows, { add, remove }) => (
        <div className="describe-rows">
          <h3>{title}</h3>
          {rows.map((row) => (
            <div key={row.key} className="describe-row">
              <Form.Item name={[row.name, first]} rules={[{ required: true, message: t("kit.needed") }]}><Input aria-label={labels[0]} placeholder={labels[0]} maxLength={48} autoComplete="off" /></Form.Item>
              <Form.Item name={[row.name, second]} rules={part === "model_docs" ? [{ required: true, message: t("kit.needed") }] : []}><Input aria-label={labels[1]} placeholder={labels[1]} maxLength={1024} autoComplete="off" /></Form.Item>
              <Button type="text" icon={<CloseOutlined />} aria-label={t("create.takeAway", { name: title })} onClick={() => remove(row.name)} />
            </div>
          ))}
          {rows.length < MOST[part] && <Button size="small" icon={<PlusOutlined />} onClick={() => add({})}>{t("create.add", { what: title })}</Button>}
        </div>
      )}
    </Form.List>
  );
}
