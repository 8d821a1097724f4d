/** Asks before something is gone for good, and tells what goes. */

import { Button, Input, Modal } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { tellError } from "../words/errors";
import { useFocusBack } from "./focus";

/** With `typed`, the name has to be written out: for what nobody can bring back. */
export function ConfirmDelete({ title, children, typed, ready = true, verb, onDelete, onClose }: {
  title: string; children: ReactNode; typed?: string; ready?: boolean; verb?: string;
  onDelete: () => Promise<unknown>; onClose: () => void;
}) {
  const { t } = useTranslation();
  useFocusBack();
  const [written, setWritten] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const remove = async () => {
    setBusy(true);
    setProblem("");
    try {
      await onDelete();
      onClose();
    } catch (error) {
      setProblem(tellError(error, t));
      setBusy(false);
    }
  };
  const allowed = ready && (typed === undefined || written === typed);
  return (
    <Modal
      open title={title} onCancel={onClose} mask={{ closable: !busy }} width={460}
      footer={
        <div className="buttons">
          <Button autoFocus={!typed} onClick={onClose}>{t("kit.keep")}</Button>
          <Button type="primary" danger disabled={!allowed} loading={busy} onClick={() => void remove()}>{verb ?? t("kit.delete")}</Button>
        </div>
      }
    >
      <div className="stack">
        {children}
        {typed !== undefined && (
          <label className="field">
            <span>{t("kit.typeToDelete", { name: typed })}</span>
            <Input value={written} autoFocus autoComplete="off" onChange={(event) => setWritten(event.target.value)} />
          </label>
        )}
        {problem && <p className="problem" role="alert">{problem}</p>}
      </div>
    </Modal>
  );
}
