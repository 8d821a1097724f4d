/** The least and the greatest value of a parameter, a field for each. */

import { Input } from "antd";
import { useTranslation } from "react-i18next";

export function Ends({ number, id, value = [], onChange }: { number: number; id?: string; value?: string[]; onChange?: (ends: string[]) => void }) {
  const { t } = useTranslation();
  const [low = "", high = ""] = value;
  const field = (name: "least" | "most", end: string, ends: (typed: string) => string[]) => (
    <Input
      value={end} onChange={(event) => onChange?.(ends(event.target.value.trim()))} aria-label={`${t(`algorithms.ranges.${name}`)} ${number}`}
      placeholder={t(`algorithms.ranges.${name}`)} inputMode="decimal" autoComplete="off" spellCheck={false} {...(name === "least" && { id })}
    />
  );
  return <div className="ends">{field("least", low, (typed) => [typed, high])}<span aria-hidden>–</span>{field("most", high, (typed) => [low, typed])}</div>;
}
