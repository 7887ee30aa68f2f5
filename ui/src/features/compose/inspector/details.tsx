import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useChange } from "@/data";
import { Field, Heading, Select } from "@/shared";
import { sayProblem } from "@/shell";
import { useComposer } from "../use-composer";
import { Line } from "./line";

/** Languages that are offered beside those in use; any other tag can be typed. */
const OFFERED = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "uk", "ar", "ja", "zh"];

/** Language, and what is for people inside: campaign and labels. */
export function Details() {
  const { t, i18n } = useTranslation();
  const { body, edit, detail, content, persona } = useComposer();
  const change = useChange();
  const row = detail?.row;
  const [campaign, setCampaign] = useState(row?.campaign ?? "");
  const [labels, setLabels] = useState(row?.labels.join(", ") ?? "");
  useEffect(() => setCampaign(row?.campaign ?? ""), [row?.campaign]);
  const kept = row?.labels.join(", ") ?? "";
  useEffect(() => setLabels(kept), [kept]);

  const list = [
    ...new Set(
      labels
        .split(",")
        .map((label) => label.trim())
        .filter(Boolean),
    ),
  ].sort();
  const put = () => {
    if (!row || (campaign.trim() === row.campaign && list.join(", ") === kept)) return;
    change.mutate(
      { mutation: { type: "set_details", content, campaign: campaign.trim(), labels: list } },
      { onError: (error) => sayProblem(error, put) },
    );
  };
  const names = new Intl.DisplayNames(i18n.resolvedLanguage, { type: "language" });
  const nameOf = (tag: string) => {
    try {
      return names.of(tag) ?? tag;
    } catch {
      return tag;
    }
  };
  const tags = [...new Set([...body.languages, persona.profile.language, ...OFFERED])].filter(
    Boolean,
  );
  return (
    <section aria-labelledby="compose-details" className="flex flex-col gap-2">
      <Heading id="compose-details">{t("compose.details")}</Heading>
      <Line label={t("compose.language")}>
        <Select
          look="filter"
          label={t("compose.language")}
          value={body.languages[0] ?? ""}
          onChange={(tag) =>
            edit((all) => ({
              ...all,
              languages: [tag, ...all.languages.filter((one) => one !== tag).slice(1)],
            }))
          }
          choices={tags.map((tag) => ({ value: tag, label: nameOf(tag) }))}
        />
      </Line>
      <Line label={t("compose.campaign")}>
        <Field
          aria-label={t("compose.campaign")}
          placeholder={t("compose.none")}
          value={campaign}
          onText={setCampaign}
          onBlur={put}
          disabled={!row}
          className="h-6! px-2! text-meta! not-focus:shadow-none!"
        />
      </Line>
      <Line label={t("compose.labels")}>
        <Field
          aria-label={t("compose.labels")}
          placeholder={t("compose.none")}
          value={labels}
          onText={setLabels}
          onBlur={put}
          disabled={!row}
          className="h-6! px-2! text-meta! not-focus:shadow-none!"
        />
      </Line>
    </section>
  );
}
