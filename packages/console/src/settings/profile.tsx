/** One's own: who one is here, language, theme, password. */

import { App, Button, Form, Input, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { call, Refusal } from "../api/call";
import { useSession } from "../api/session";
import { CopyButton } from "../kit/copy";
import { Card } from "../kit/page";
import { useAppearance } from "../shell/appearance";
import { useChoices } from "../shell/choices";
import { THEMES, type Theme } from "../shell/theme";
import { LANGUAGES, type Language } from "../words";
import { tellError } from "../words/errors";

const SHORTEST_PASSWORD = 8;

export function Profile() {
  const { t, i18n } = useTranslation();
  const session = useSession();
  const { theme } = useAppearance();
  const { chooseLanguage, chooseTheme } = useChoices();
  const store = `${location.origin}/obs`;
  return (
    <>
      <Card title={t("settings.you")}>
        <dl className="facts">
          <dt>{t("settings.name")}</dt><dd>{session.user_name}</dd>
          <dt>{t("settings.role")}</dt><dd>{t(`roles.${session.role as "owner"}`)}{session.administrator && ` · ${t("roles.administrator")}`}</dd>
          <dt>project_id</dt><dd><span className="copied"><code>{session.project_id}</code><CopyButton text={session.project_id} /></span></dd>
          <dt>{t("settings.store")}</dt><dd><span className="copied"><code>{store}</code><CopyButton text={store} /></span></dd>
        </dl>
      </Card>
      <Card title={t("settings.appearance")}>
        <dl className="facts">
          <dt>{t("settings.language")}</dt>
          <dd><Segmented<Language> aria-label={t("settings.language")} value={i18n.language as Language} onChange={chooseLanguage} options={LANGUAGES.map((one) => ({ value: one, label: one === "en" ? "English" : "中文" }))} /></dd>
          <dt>{t("shell.theme")}</dt>
          <dd><Segmented<Theme> aria-label={t("shell.theme")} value={theme} onChange={chooseTheme} options={THEMES.map((one) => ({ value: one, label: t(`shell.themes.${one}`) }))} /></dd>
        </dl>
      </Card>
      <Password />
    </>
  );
}

interface Passwords {
  old: string;
  next: string;
  again: string;
}

function Password() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<Passwords>();
  const [busy, setBusy] = useState(false);
  const change = async ({ old, next }: Passwords) => {
    setBusy(true);
    try {
      await call("PUT /maquette/session/password", { body: { old_password: old, new_password: next } });
      await message.success(t("settings.passwordChanged"), 2);
      location.replace("/sign-in");
    } catch (error) {
      const field = error instanceof Refusal && error.parameters.field === "old_password" ? "old" : "next";
      form.setFields([{ name: field, errors: [tellError(error, t)] }]);
      setBusy(false);
    }
  };
  const needed = { required: true, message: t("kit.needed") };
  return (
    <Card title={t("settings.password")} about={t("settings.passwordAbout")}>
      <Form className="narrow" form={form} layout="vertical" requiredMark={false} onFinish={(values) => void change(values)}>
        <input type="text" hidden readOnly autoComplete="username" value={useSession().user_name} />
        <Form.Item name="old" label={t("settings.oldPassword")} rules={[needed]}><Input.Password autoComplete="current-password" /></Form.Item>
        <Form.Item name="next" label={t("settings.newPassword")} rules={[needed, { min: SHORTEST_PASSWORD, message: t("settings.passwordShort", { count: SHORTEST_PASSWORD }) }]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="again" label={t("settings.passwordAgain")} dependencies={["next"]}
          rules={[needed, ({ getFieldValue }) => ({
            validator: (_, value) => (!value || value === getFieldValue("next") ? Promise.resolve() : Promise.reject(new Error(t("settings.passwordsDiffer")))),
          })]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={busy}>{t("settings.changePassword")}</Button>
      </Form>
    </Card>
  );
}
