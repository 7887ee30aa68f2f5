import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SuggestionView } from "@/bindings";
import { useAnswer } from "@/data";
import { Button, Drawer, Heading, machineZone, tinyDay } from "@/shared";
import { useNow } from "@/shared/use-now";
import { EvidenceList } from "./evidence";
import { Reasons } from "./why";

/** Beside a content that was begun with a suggestion: that it is an outline, and what it builds on. */
export function OutlineStrip({ content }: { content: string }) {
  const { t } = useTranslation();
  const outline = useAnswer({ type: "outline", content }).data;
  const [open, setOpen] = useState(false);
  if (!outline) return null;
  return (
    <>
      <div
        role="status"
        className="flex min-h-10 shrink-0 flex-wrap items-center gap-2.5 border-b border-line bg-hover px-5 py-1.5 text-base text-text"
      >
        <span className="chip rounded-chip bg-raised px-1.5 py-0.5 text-meta font-medium text-text-2">
          {t("ideas.outline")}
        </span>
        <span className="min-w-0 flex-1">
          {t(outline.unedited ? "ideas.outline_unedited" : "ideas.outline_begun")}
        </span>
        <Button size="row" onClick={() => setOpen(true)}>
          {t("ideas.outline_look")}
        </Button>
      </div>
      <Drawer open={open} onClose={() => setOpen(false)} title={t("ideas.outline_title")}>
        <Outline suggestion={outline.suggestion} />
      </Drawer>
    </>
  );
}

function Outline({ suggestion }: { suggestion: SuggestionView }) {
  const { t } = useTranslation();
  const now = useNow();
  const { facts, accounts } = suggestion;
  return (
    <div className="flex flex-col gap-5">
      {facts.questions.length > 0 ? (
        <section>
          <Heading className="pb-2">{t("ideas.questions")}</Heading>
          <ul className="flex list-disc flex-col gap-1.5 pl-5 text-base text-text">
            {facts.questions.map((question) => (
              <li key={question}>{t(`ideas.question.${question}`)}</li>
            ))}
          </ul>
        </section>
      ) : null}
      {facts.own ? (
        <section>
          <Heading className="pb-2" fact={tinyDay(facts.own.at, machineZone())}>
            {t("ideas.own_best")}
          </Heading>
          <blockquote
            className="border-l-2 border-line-2 pl-3 font-serif text-quote whitespace-pre-line text-text"
            dir="auto"
          >
            {facts.own.text}
          </blockquote>
        </section>
      ) : null}
      <section>
        <Heading className="pb-2">{t("ideas.why")}</Heading>
        <Reasons why={facts.why} accounts={accounts} />
      </section>
      {facts.evidence.length > 0 ? (
        <section>
          <Heading className="pb-1">{t("ideas.evidence")}</Heading>
          <EvidenceList items={facts.evidence} now={now} />
        </section>
      ) : null}
    </div>
  );
}
