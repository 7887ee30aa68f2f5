import { useTranslation } from "react-i18next";
import { Field } from "@/shared";
import { LinesField } from "@/shared/lines-field";
import type { Draft } from "./draft";

/** How the persona sounds: a tone, things to do and not to do, posts that sound right. */
export function VoiceEditor({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const { voice, language } = draft.draft;
  const edit = (part: Partial<typeof voice>) => draft.edit({ voice: { ...voice, ...part } });
  return (
    <div className="grid max-w-4xl gap-6 px-6 py-5 max-sm:px-4">
      <Field
        label={t("voice.tone")}
        hint={t("voice.tone_hint")}
        dir="auto"
        lang={language}
        spellCheck
        value={voice.tone}
        onText={(tone) => edit({ tone })}
      />
      <div className="grid gap-6 md:grid-cols-2">
        <LinesField
          label={t("voice.dos")}
          values={voice.dos}
          lang={language}
          onChange={(dos) => edit({ dos })}
          add={t("voice.add_do")}
        />
        <LinesField
          label={t("voice.donts")}
          hint={t("voice.donts_hint")}
          values={voice.donts}
          lang={language}
          onChange={(donts) => edit({ donts })}
          add={t("voice.add_dont")}
        />
      </div>
      <LinesField
        long
        label={t("voice.samples")}
        values={voice.samples}
        lang={language}
        onChange={(samples) => edit({ samples })}
        add={t("voice.add_sample")}
      />
    </div>
  );
}
