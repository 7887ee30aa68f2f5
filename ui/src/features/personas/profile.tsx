import { Radio, RadioGroup } from "@headlessui/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PersonaDetail, PersonaProfile } from "@/bindings";
import { newId, useChange } from "@/data";
import { languageOf } from "@/language";
import { problemOf } from "@/platform";
import { Button, Dialog, Field, hues, PersonaAvatar, Select, Slant } from "@/shared";
import { machineZone, zoneCity } from "@/shared/time";
import { sayProblem } from "@/shell/problem";

const TONGUES = [
  "en",
  "de",
  "fr",
  "es",
  "it",
  "pt",
  "nl",
  "pl",
  "sv",
  "tr",
  "uk",
  "ar",
  "hi",
  "ja",
  "zh",
];

/** The name of a language in the language of the window. */
export function tongue(code: string, shown: string): string {
  try {
    return new Intl.DisplayNames([shown], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

export function emptyProfile(): PersonaProfile {
  return {
    name: "",
    hue: "glacier",
    language: languageOf(navigator.language).split("-")[0] ?? "en",
    zone: machineZone(),
    voice: { tone: "", dos: [], donts: [], samples: [] },
    audiences: [],
    slots: [],
    automation: { level: "by_hand", remind_before: 0 },
  };
}

/** Name, colour, language and zone; of a new persona or a known one. */
export function ProfileDialog({
  persona,
  open,
  onClose,
  onSaved,
}: {
  persona: PersonaDetail | undefined;
  open: boolean;
  onClose: () => void;
  onSaved?: (id: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={persona ? t("personas.edit", { name: persona.profile.name }) : t("personas.new")}
    >
      <ProfileForm persona={persona} onClose={onClose} onSaved={onSaved} />
    </Dialog>
  );
}

function ProfileForm({
  persona,
  onClose,
  onSaved,
}: {
  persona: PersonaDetail | undefined;
  onClose: () => void;
  onSaved: ((id: string) => void) | undefined;
}) {
  const { t, i18n } = useTranslation();
  const change = useChange();
  const [id] = useState(() => persona?.id ?? newId());
  const [profile, setProfile] = useState(() => persona?.profile ?? emptyProfile());
  const [tried, setTried] = useState(false);
  const edit = (part: Partial<PersonaProfile>) => setProfile((old) => ({ ...old, ...part }));
  const nameless = profile.name.trim() === "";
  const fields = change.error ? problemOf(change.error).fields : undefined;
  const zones = [...new Set([profile.zone, ...Intl.supportedValuesOf("timeZone")])];
  const codes = [...new Set([profile.language, ...TONGUES])];
  const save = () => {
    setTried(true);
    if (nameless) return;
    change.mutate(
      {
        mutation: {
          type: "save_persona",
          id,
          profile: { ...profile, name: profile.name.trim() },
          ...(persona?.chain ? { chain: persona.chain.id } : {}),
        },
      },
      {
        onSuccess: () => {
          onSaved?.(id);
          onClose();
        },
        onError: (error) => sayProblem(error),
      },
    );
  };
  return (
    <form
      className="mt-2 flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <div className="flex items-end gap-3">
        <PersonaAvatar name={profile.name || "?"} hue={profile.hue} size={44} />
        <Field
          label={t("personas.name")}
          autoFocus
          dir="auto"
          value={profile.name}
          onText={(name) => edit({ name })}
          error={tried && nameless ? t("personas.name_missing") : fields?.["profile.name"]}
          boxClassName="flex-1"
        />
      </div>
      <RadioGroup
        value={profile.hue}
        onChange={(hue) => edit({ hue })}
        aria-label={t("personas.hue")}
        className="flex flex-wrap gap-1"
      >
        {hues.map((hue) => (
          <Radio
            key={hue}
            value={hue}
            aria-label={t(`hue.${hue}`)}
            className="flex h-8 cursor-default items-center gap-1.5 rounded-control px-2 text-meta text-text-2 data-checked:bg-selected data-checked:text-text"
          >
            <Slant hue={hue} height={14} />
            {t(`hue.${hue}`)}
          </Radio>
        ))}
      </RadioGroup>
      <div className="grid grid-cols-2 gap-3">
        <Select
          label={t("personas.language")}
          value={profile.language}
          onChange={(language) => edit({ language })}
          choices={codes.map((code) => ({ value: code, label: tongue(code, i18n.language) }))}
        />
        <Select
          label={t("personas.zone")}
          value={profile.zone}
          onChange={(zone) => edit({ zone })}
          choices={zones.map((zone) => ({
            value: zone,
            label: zoneCity(zone),
            hint: zone.split("/").slice(0, -1).join(", "),
          }))}
        />
      </div>
      <div className="flex justify-end gap-2">
        <Button kind="ghost" onClick={onClose}>
          {t("common.cancel")}
        </Button>
        <Button submit kind="primary" busy={change.isPending} onClick={() => {}}>
          {persona ? t("personas.save") : t("personas.create")}
        </Button>
      </div>
    </form>
  );
}
