import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Audience } from "@/bindings";
import { Button, Field, TextArea } from "@/shared";
import type { Draft } from "./draft";

/** A list typed with commas. */
export const listed = (text: string): string[] =>
  text
    .split(/[,;\n]/)
    .map((one) => one.trim())
    .filter((one) => one !== "");

/** Whom the persona talks to. */
export function AudienceEditor({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const { audiences } = draft.draft;
  const set = (at: number, part: Partial<Audience>) =>
    draft.edit({ audiences: audiences.map((one, n) => (n === at ? { ...one, ...part } : one)) });
  return (
    <div className="flex max-w-4xl flex-col gap-6 px-6 py-5 max-sm:px-4">
      {audiences.length === 0 ? <p className="text-text-2">{t("audience.none")}</p> : null}
      {audiences.map((one, at) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: audiences are told apart by their place
          key={at}
          role="group"
          aria-label={one.name || t("audience.new")}
          className="grid gap-3 border-b border-line pb-5 md:grid-cols-2"
        >
          <Field
            label={t("audience.name")}
            dir="auto"
            value={one.name}
            onText={(name) => set(at, { name })}
          />
          <Commas
            label={t("audience.interests")}
            values={one.interests}
            onChange={(interests) => set(at, { interests })}
          />
          <Commas
            label={t("audience.languages")}
            hint={t("audience.languages_hint")}
            values={one.languages}
            onChange={(languages) => set(at, { languages })}
          />
          <Commas
            label={t("audience.zones")}
            hint={t("audience.zones_hint")}
            values={one.zones}
            onChange={(zones) => set(at, { zones })}
          />
          <TextArea
            label={t("audience.notes")}
            boxClassName="md:col-span-2"
            rows={1}
            value={one.notes}
            onText={(notes) => set(at, { notes })}
          />
          <div>
            <Button
              size="row"
              kind="danger"
              onClick={() => draft.edit({ audiences: audiences.filter((_, n) => n !== at) })}
            >
              {t("audience.remove")}
            </Button>
          </div>
        </div>
      ))}
      <div>
        <Button
          icon={<Plus size={14} strokeWidth={2} aria-hidden />}
          onClick={() =>
            draft.edit({
              audiences: [
                ...audiences,
                { name: "", interests: [], languages: [], zones: [], notes: "" },
              ],
            })
          }
        >
          {t("audience.add")}
        </Button>
      </div>
    </div>
  );
}

/** Several short values in one line; read as a list when one leaves it. */
function Commas({
  label,
  hint,
  values,
  onChange,
}: {
  label: string;
  hint?: string;
  values: readonly string[];
  onChange: (values: string[]) => void;
}) {
  const shown = values.join(", ");
  return (
    <Field
      key={shown}
      label={label}
      hint={hint}
      dir="auto"
      defaultValue={shown}
      onBlur={(event) => {
        const next = listed(event.target.value);
        if (next.join(", ") !== shown) onChange(next);
      }}
    />
  );
}
