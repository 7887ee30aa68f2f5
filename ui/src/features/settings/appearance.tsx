import { useTranslation } from "react-i18next";
import type { Settings } from "@/bindings";
import { useCore } from "@/data";
import { Segmented, Select, Switch } from "@/shared";
import { setZoom, sizes, useZoom } from "@/shell/zoom";
import { Block, Line } from "./line";

export interface PartProps {
  choices: Settings;
  set: (change: Partial<Settings>) => void;
}

/** Light or dark, in which language, and with how much contrast. */
export function Appearance({ choices, set }: PartProps) {
  const { t } = useTranslation();
  const core = useCore();
  const percent = useZoom((zoom) => zoom.percent);
  return (
    <Block title={t("settings.part.appearance")}>
      <Line title={t("settings.theme")} hint={t("settings.theme_hint")}>
        <Segmented
          label={t("settings.theme")}
          value={choices.appearance}
          onChange={(appearance) => set({ appearance })}
          options={(["system", "light", "dark"] as const).map((value) => ({
            value,
            label: t(`settings.theme.${value}`),
          }))}
        />
      </Line>
      <Line title={t("settings.language")} hint={t("settings.language_hint")}>
        <Segmented
          label={t("settings.language")}
          value={choices.language}
          onChange={(language) => set({ language })}
          options={(["system", "en", "de"] as const).map((value) => ({
            value,
            label: t(`settings.language.${value}`),
          }))}
        />
      </Line>
      {core.zoom ? (
        <Line title={t("settings.size")} hint={t("settings.size_hint")}>
          <Select
            look="filter"
            label={t("settings.size")}
            value={String(percent)}
            onChange={(size) => setZoom(Number(size))}
            choices={sizes.map((size) => ({
              value: String(size),
              label: t("settings.size_of", { percent: size }),
            }))}
          />
        </Line>
      ) : null}
      <Line title={t("settings.contrast")} hint={t("settings.contrast_hint")}>
        <Switch
          label={t("settings.contrast")}
          on={choices.high_contrast}
          onChange={(high_contrast) => set({ high_contrast })}
        />
      </Line>
    </Block>
  );
}
