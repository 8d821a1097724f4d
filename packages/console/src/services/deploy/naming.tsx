/** What a service is called, which nobody else in the workspace may be. */

import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";

import { Card } from "../../kit/page";
import { isTaken } from "../calls";
import { SERVICE_NAME } from "./form";

const PAUSE = 350;

/** `fixed`: it has its name. */
export function Naming({ fixed }: { fixed: boolean }) {
  const { t } = useTranslation();
  const free = async (_: unknown, name: string) => {
    if (!fixed && SERVICE_NAME.test(name) && (await isTaken(name))) throw new Error(t("errors.conflict.name"));
  };
  return (
    <Card>
      <div className="three">
        <Form.Item
          name="name" label={t("kit.name")} extra={fixed ? undefined : t("deploy.nameRule")} validateDebounce={PAUSE} validateFirst
          rules={[{ required: true, message: t("kit.needed") }, { pattern: SERVICE_NAME, message: t("deploy.nameRule") }, { validator: free }]}
        >
          <Input disabled={fixed} autoFocus={!fixed} autoComplete="off" spellCheck={false} maxLength={64} />
        </Form.Item>
        <Form.Item name="description" label={t("kit.description")}><Input autoComplete="off" maxLength={100} /></Form.Item>
      </div>
    </Card>
  );
}
