import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Choice, WritingTask, Written } from "@/bindings";
import { newId, useChange } from "@/data";
import { Button, say } from "@/shared";
import { sayProblem } from "@/shell";
import { useComposerNow } from "./use-composer";

/** Several texts of a model: each is taken over by itself, a thread as a whole, or not at all. */
export function Choices({
  proposal,
  task,
  language,
  off,
  onDone,
}: {
  proposal: Written;
  task: WritingTask;
  language: string;
  off: string | undefined;
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const { part, takeWords, takeParts } = useComposerNow();
  const [done, setDone] = useState<readonly number[]>([]);
  const { choices } = proposal;
  if (choices.length === 0) return <p className="text-text-2">{t("writing.nothing_found")}</p>;
  const tick = (at: number) => setDone((all) => [...all, at]);
  const take = (choice: Choice) => {
    if (task === "hooks") takeWords(withFirst(part.text, choice.text));
    else if (task === "critique") takeWords(part.text.replace(choice.passage ?? "", choice.text));
    else takeWords(choice.text);
    onDone();
  };
  return (
    <>
      <ol className="flex flex-col gap-3">
        {choices.map((choice, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
          <li key={at} className="flex flex-col gap-1.5">
            {choice.passage ? <del className="text-text-3">{choice.passage}</del> : null}
            <p dir="auto" lang={language} className="font-serif text-diff whitespace-pre-wrap">
              {choice.text}
            </p>
            {choice.why ? <p className="text-meta text-text-2">{choice.why}</p> : null}
            {choice.over ? <p className="text-meta text-warn-fg">{t("writing.over")}</p> : null}
            {task === "week" ? (
              <TakeDay
                choice={choice}
                language={language}
                done={done.includes(at)}
                onDone={() => tick(at)}
              />
            ) : task === "thread" ? null : (
              <Button
                size="row"
                className="self-start"
                off={off ?? (usable(task, choice, part.text) ? undefined : t("writing.gone"))}
                onClick={() => take(choice)}
              >
                {t("writing.use")}
              </Button>
            )}
          </li>
        ))}
      </ol>
      {task === "thread" ? (
        <Button
          kind="primary"
          className="mt-3"
          off={off}
          onClick={() => {
            takeParts(choices.map((one) => one.text));
            onDone();
          }}
        >
          {t("writing.use_thread", { count: choices.length })}
        </Button>
      ) : null}
    </>
  );
}

/** What is to be put in place of words needs those words. */
function usable(task: WritingTask, choice: Choice, text: string): boolean {
  if (task !== "critique") return true;
  return choice.text !== "" && !!choice.passage && text.includes(choice.passage);
}

/** A text with another first line. */
export function withFirst(text: string, first: string): string {
  const end = text.indexOf("\n");
  return end < 0 ? `${first}\n\n${text}`.trim() : `${first}${text.slice(end)}`;
}

/** One day of a week's plan becomes a draft at its time. */
function TakeDay({
  choice,
  language,
  done,
  onDone,
}: {
  choice: Choice;
  language: string;
  done: boolean;
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const { persona } = useComposerNow();
  const change = useChange();
  const { planned } = choice;
  const make = async () => {
    const content = newId();
    const targets = persona.accounts
      .filter((account) => account.status !== "disconnected")
      .map((account) => account.id);
    const body = {
      title: "",
      languages: [language],
      shared: {
        segments: [{ text: choice.text, media: [] }],
        options: { made_with_ai: true },
      },
      variants: {},
      targets,
    };
    try {
      await change.mutateAsync({
        mutation: { type: "save_working_copy", content, persona: persona.id, body, base: 0 },
      });
      if (planned) {
        const deliveries = targets.map((identity) => ({ id: newId(), identity, planned }));
        await change.mutateAsync({ mutation: { type: "plan", content, deliveries } });
      }
      say({ text: t("writing.drafted") });
      onDone();
    } catch (error) {
      sayProblem(error, make);
    }
  };
  return (
    <div className="flex items-center gap-2">
      {planned ? (
        <span className="text-meta text-text-2">{planned.wall.replace("T", " ")}</span>
      ) : null}
      <Button
        size="row"
        busy={change.isPending}
        off={done ? t("writing.drafted") : undefined}
        onClick={make}
      >
        {t("writing.make_draft")}
      </Button>
    </div>
  );
}
