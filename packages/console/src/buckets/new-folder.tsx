/** A new folder in a bucket: an object of no bytes whose name ends in a slash, as OBS has it. */

import { Form, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useOnce } from "../kit/once";
import { tellError } from "../words/errors";
import { makeFolder } from "./store";

export function NewFolder({ bucket, folder, onClose, onMade }: { bucket: string; folder: string; onClose: () => void; onMade: () => Promise<unknown> }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<{ name: string }>();
  const [busy, setBusy] = useState(false);
  const make = useOnce(async ({ name }: { name: string }) => {
    setBusy(true);
    try {
      await makeFolder(bucket, `${folder}${name.trim()}/`);
      await onMade();
      onClose();
    } catch (error) {
      form.setFields([{ name: "name", errors: [tellError(error, t)] }]);
      setBusy(false);
    }
  });
  return (
    <Modal open title={t("buckets.newFolder")} onCancel={onClose} okText={t("kit.make")} confirmLoading={busy} onOk={() => form.submit()}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => void make(values)}>
        <Form.Item
          name="name" label={t("buckets.name")} extra={<code>obs://{bucket}/{folder}</code>}
          rules={[{ required: true, whitespace: true, message: t("kit.needed") }, { pattern: /^[^/\\]+$/, message: t("buckets.noSlash") }]}
        >
          <Input autoFocus autoComplete="off" maxLength={255} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
