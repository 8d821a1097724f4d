/** How far a batch is: what came out, what failed, what is left, as one bar. */

import { useTranslation } from "react-i18next";

import { count } from "../kit/size";

export function Bar({ total, done, failed, label }: { total: number; done: number; failed: number; label: string }) {
  const { t } = useTranslation();
  const part = (some: number) => `${total > 0 ? (100 * some) / total : 0}%`;
  return (
    <span
      className="batch-bar" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={total} aria-valuenow={done + failed}
      aria-valuetext={t("batches.doneOf", { done: count(done + failed), all: count(total) })}
    >
      <span className="batch-done" style={{ width: part(done) }} />
      <span className="batch-failed" style={{ width: part(failed) }} />
    </span>
  );
}
