import { useTranslation } from "react-i18next";
import type { Settings, SettingsView } from "@/bindings";
import { Switch } from "@/shared";
import { Block, Line } from "./line";

/** How Rostrum lives on this computer. */
export function Computer({
  view,
  set,
}: {
  view: SettingsView;
  set: (change: Partial<Settings>) => void;
}) {
  const { t } = useTranslation();
  const { settings } = view;
  return (
    <>
      <Block title={t("settings.part.computer")}>
        <Line title={t("settings.login")} hint={t("settings.login_hint")}>
          <Switch
            label={t("settings.login")}
            on={settings.start_at_login}
            onChange={(start_at_login) => set({ start_at_login })}
          />
        </Line>
        <Line title={t("settings.tray")} hint={t("settings.tray_hint")}>
          <Switch
            label={t("settings.tray")}
            on={settings.close_to_tray}
            onChange={(close_to_tray) => set({ close_to_tray })}
          />
        </Line>
        <Line title={t("settings.local_cards")} hint={t("settings.local_cards_hint")}>
          <Switch
            label={t("settings.local_cards")}
            on={settings.local_cards}
            onChange={(local_cards) => set({ local_cards })}
          />
        </Line>
      </Block>
      <Block title={t("settings.secrets")}>
        <Line
          title={view.secrets === "keychain" ? t("settings.keychain") : t("settings.vault")}
          hint={view.secrets_note}
        />
      </Block>
    </>
  );
}
