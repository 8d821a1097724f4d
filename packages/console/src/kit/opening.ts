/** Opens a page that takes a while until it answers. */

import { App } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { tellError } from "../words/errors";

/** The window comes at once, for a browser lets a page open one on a click only; its address when something answers there. */
export function useOpening(ready: () => Promise<string>, after?: () => void): [busy: boolean, open: () => void] {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [busy, setBusy] = useState(false);
  const open = async () => {
    const opened = window.open("", "_blank");
    setBusy(true);
    try {
      const address = await ready();
      if (opened) opened.location.href = address;
    } catch (error) {
      opened?.close();
      void message.error(tellError(error, t));
    }
    setBusy(false);
    after?.();
  };
  return [busy, () => void open()];
}
