import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Settings, SettingsView } from "@/bindings";
import { Field, Switch } from "@/shared";
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
      <Block title={t("settings.way_out")}>
        <Line title={t("settings.proxy")} hint={t("settings.proxy_hint")}>
          <Typed
            label={t("settings.proxy")}
            kept={settings.proxy ?? ""}
            placeholder="http://proxy.example:3128"
            onKeep={(proxy) => set({ proxy })}
          />
        </Line>
        <Line title={t("settings.extra_ca")} hint={t("settings.extra_ca_hint")}>
          <Typed
            label={t("settings.extra_ca")}
            kept={settings.extra_ca ?? ""}
            placeholder="/path/to/root.pem"
            onKeep={(extra_ca) => set({ extra_ca })}
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

/** A word that is kept when the field is left or Enter is pressed; nothing means the usual. */
function Typed({
  label,
  kept,
  placeholder,
  onKeep,
}: {
  label: string;
  kept: string;
  placeholder: string;
  onKeep: (words: string | undefined) => void;
}) {
  const [typed, setTyped] = useState<string>();
  const keep = () => {
    if (typed === undefined) return;
    const words = typed.trim();
    setTyped(undefined);
    if (words !== kept) onKeep(words || undefined);
  };
  return (
    <Field
      aria-label={label}
      boxClassName="w-56"
      value={typed ?? kept}
      placeholder={placeholder}
      spellCheck={false}
      onText={setTyped}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === "Enter") keep();
      }}
    />
  );
}
