/** Variables for the model's code; what is wrong with a name is told beside it. */

import { Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";

import { CloseOutlined, PlusOutlined } from "../../kit/icons";
import { problemOfVariable } from "./form";

export function Variables() {
  const { t } = useTranslation();
  const form = Form.useFormInstance<{ variables: { name: string }[] }>();
  const label = t("jobs.environment");
  const right = (at: number) => ({
    validator: async (_: unknown, name: string) => {
      const others = ((form.getFieldValue("variables") ?? []) as ({ name: string } | undefined)[]).filter((_, place) => place !== at).map((one) => one?.name ?? "");
      const problem = problemOfVariable(name ?? "", others);
      if (problem) throw new Error(t(`deploy.variableProblems.${problem}`));
    },
  });
  return (
    <Form.List name="variables">
      {(rows, { add, remove }) => (
        <div className="rows">
          {rows.map(({ key, name: at }) => (
            <div className="row" key={key}>
              <Form.Item name={[at, "name"]} rules={[right(at)]}>
                <Input aria-label={`${t("kit.name")} ${at + 1}`} placeholder={t("kit.name")} autoComplete="off" spellCheck={false} />
              </Form.Item>
              <Form.Item name={[at, "value"]}><Input aria-label={`${t("create.value")} ${at + 1}`} placeholder={t("create.value")} autoComplete="off" spellCheck={false} /></Form.Item>
              <Button type="text" icon={<CloseOutlined />} aria-label={t("create.takeAway", { name: `${label} ${at + 1}` })} onClick={() => remove(at)} />
            </div>
          ))}
          <div><Button icon={<PlusOutlined />} onClick={() => add({ name: "", value: "" })}>{t("deploy.addVariable")}</Button></div>
        </div>
      )}
    </Form.List>
  );
}
