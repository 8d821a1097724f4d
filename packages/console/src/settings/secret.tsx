/** What is told once: it cannot be closed by a slip. */

import { Button, Modal } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { CopyButton } from "../kit/copy";
import { WarningOutlined } from "../kit/icons";

export function Secret({ title, lines, action, onClose }: {
  title: string; lines: [string, string][]; action?: ReactNode; onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Modal
      open title={title} onCancel={onClose} mask={{ closable: false }} keyboard={false} width={580}
      footer={<div className="buttons">{action}<Button onClick={onClose}>{t("kit.close")}</Button></div>}
    >
      <div className="stack">
        <p><WarningOutlined /> {t("kit.once")}</p>
        <div className="secret">
          {lines.map(([name, value]) => (
            <div className="secret-line" key={name}><span className="quiet">{name}</span><code>{value}</code><CopyButton text={value} /></div>
          ))}
        </div>
      </div>
    </Modal>
  );
}
