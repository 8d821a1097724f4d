/** Pictures that were told wrongly, large, one after another: by buttons and by the arrows of the keyboard. */

import { Button, Modal } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useFocusBack } from "../../kit/focus";
import { LeftOutlined, RightOutlined } from "../../kit/icons";

export interface Picture {
  name: string;
  /** Of its bytes, and of the page it lies on. */
  src: string;
  page: string;
  told: [string, string][];
}

export function Gallery({ pictures, at, onAt, onClose }: { pictures: Picture[]; at: number; onAt: (at: number) => void; onClose: () => void }) {
  const { t } = useTranslation();
  useFocusBack();
  const last = pictures.length - 1;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const steps: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last };
      const to = steps[event.key];
      if (to === undefined || to < 0 || to > last) return;
      event.preventDefault();
      onAt(to);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [at, last, onAt]);
  const shown = pictures[at];
  if (!shown) return null;
  return (
    <Modal
      open width={760} onCancel={onClose} title={<span className="gallery-title"><span>{shown.name}</span> <span className="quiet small" role="status">{t("analysis.which", { at: at + 1, all: pictures.length })}</span></span>}
      footer={(
        <div className="gallery-foot">
          <Button icon={<LeftOutlined />} disabled={at === 0} aria-label={t("buckets.previous")} onClick={() => onAt(at - 1)} />
          <Link to={shown.page}>{t("analysis.inBucket")}</Link>
          <Button icon={<RightOutlined />} disabled={at === last} aria-label={t("buckets.next")} onClick={() => onAt(at + 1)} />
        </div>
      )}
    >
      <img className="gallery-picture" src={shown.src} alt={shown.name} />
      <dl className="figures">{shown.told.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
    </Modal>
  );
}
