/** A page that is named in the menu and not built yet: tells what does its work meanwhile. */

import { useTranslation } from "react-i18next";

import { MENU, type Word } from "../menu";
import { Command } from "./faces";
import { Card, Page } from "./page";

const COMMANDS: Partial<Record<Word, string[]>> = {
  notebooks: ["maquette notebooks create NAME", "maquette notebooks list"],
  training: ["maquette jobs submit ./code --boot train.py", "maquette jobs list", "maquette algorithms list"],
  tensorboard: ["maquette tensorboard JOB"],
  models: ["maquette models import obs://BUCKET/model/", "maquette models list"],
  services: ["maquette serve ./model"],
};

export function Room({ word }: { word: Word }) {
  const { t } = useTranslation();
  const Icon = MENU.find((entry) => entry.word === word)?.icon;
  return (
    <Page title={t(`menu.${word}`)} about={t(`rooms.${word as "models"}`)}>
      <Card>
        <div className="face">
          <span className="face-icon" aria-hidden>{Icon && <Icon />}</span>
          <p className="face-title">{t("rooms.soon")}</p>
          <p className="quiet">{t("rooms.meanwhile")}</p>
          {COMMANDS[word]?.map((line) => <Command key={line} text={line} />)}
        </div>
      </Card>
    </Page>
  );
}
