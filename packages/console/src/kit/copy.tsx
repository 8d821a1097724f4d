/** Copies a text; by the old way too, for browsers give the new one to https and localhost only. */

import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { CheckOutlined, CopyOutlined } from "./icons";

export async function copy(text: string): Promise<void> {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const place = document.createElement("textarea");
  place.value = text;
  place.style.position = "fixed";
  document.body.append(place);
  place.select();
  document.execCommand("copy");
  place.remove();
}

export function CopyButton({ text, label, size = "small" }: { text: string; label?: string; size?: "small" | "middle" }) {
  const { t } = useTranslation();
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [done]);
  const name = done ? t("kit.copied") : (label ?? t("kit.copy"));
  return (
    <Button
      type={label ? "default" : "text"} size={size} icon={done ? <CheckOutlined /> : <CopyOutlined />}
      aria-label={name} title={name} onClick={() => void copy(text).then(() => setDone(true))}
    >
      {label && name}
    </Button>
  );
}
