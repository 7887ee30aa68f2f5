import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account, Body, Choice, Mutation, WritingTask, Written } from "@/bindings";
import { newId, useChange } from "@/data";
import { Button, dayAndClock, say, WordDiff } from "@/shared";
import { sayProblem } from "@/shell";
import { editPart, editText } from "./model";
import { useComposerNow } from "./use-composer";

/** Several texts of a model: each is taken over by itself, a thread as a whole, or not at all. */
export function Choices({
  proposal,
  task,
  asker,
  language,
  off,
  onDone,
}: {
  proposal: Written;
  task: WritingTask;
  /** The persona for whom it was asked. */
  asker: string;
  language: string;
  /** Why none can be taken over now. */
  off: string | undefined;
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const { part, takeWords, takeParts } = useComposerNow();
  const { choices } = proposal;
  if (choices.length === 0) return <p className="text-text-2">{t("writing.nothing_found")}</p>;
  const take = (choice: Choice) => {
    takeWords(taken(task, choice, part.text));
    // One remark leaves the others standing.
    if (task !== "critique") onDone();
  };
  return (
    <>
      <ol className="flex flex-col gap-3">
        {choices.map((choice, at) => {
          const change = changed(task, choice, part.text);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
            <li key={at} className="flex flex-col gap-1.5">
              {change ? (
                <WordDiff before={change.before} after={change.after} lang={language} />
              ) : (
                <p dir="auto" lang={language} className="font-serif text-diff whitespace-pre-wrap">
                  {choice.text || choice.passage}
                </p>
              )}
              {choice.why ? <p className="text-meta text-text-2">{choice.why}</p> : null}
              {choice.over ? <p className="text-meta text-warn-fg">{t("writing.over")}</p> : null}
              <div className="flex flex-wrap items-center gap-2">
                {task === "thread" || task === "week" ? null : (
                  <Button
                    size="row"
                    off={off ?? (usable(task, choice, part.text) ? undefined : t("writing.gone"))}
                    onClick={() => take(choice)}
                  >
                    {t("writing.use")}
                  </Button>
                )}
                {task === "week" || task === "variants" ? (
                  <MakeDraft
                    choice={choice}
                    asker={asker}
                    language={language}
                    week={task === "week"}
                    off={off}
                  />
                ) : null}
              </div>
            </li>
          );
        })}
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

/** The words that a choice changes, and into which; absent where it stands for itself. */
function changed(
  task: WritingTask,
  { text, passage = "" }: Choice,
  now: string,
): { before: string; after: string } | undefined {
  if (task === "hooks") return { before: firstOf(now), after: text };
  if (task === "variants") return { before: now, after: text };
  return task === "critique" && text ? { before: passage, after: text } : undefined;
}

/** What a text is with a choice taken over. */
export function taken(task: WritingTask, { text, passage }: Choice, now: string): string {
  if (task === "critique") return passage ? now.replace(passage, () => text) : now;
  if (task !== "hooks") return text;
  const first = firstOf(now);
  return first ? text + now.slice(first.length) : `${text}\n\n${now}`.trim();
}

/** The first line of a text that has more; a text of one line has none to lose. */
function firstOf(text: string): string {
  const end = text.indexOf("\n");
  return end < 0 ? "" : text.slice(0, end);
}

/** What is to be put in place of words needs those words. */
function usable(task: WritingTask, choice: Choice, text: string): boolean {
  if (task !== "critique") return true;
  return choice.text !== "" && !!choice.passage && text.includes(choice.passage);
}

/** A text becomes a draft of its own: of a week's plan at its time, of two variants like this post. */
function MakeDraft({
  choice,
  asker,
  language,
  week,
  off,
}: {
  choice: Choice;
  asker: string;
  language: string;
  week: boolean;
  /** Why none can be made like the post that is open. */
  off: string | undefined;
}) {
  const { t } = useTranslation();
  const { personas, body: open, tab, at } = useComposerNow();
  const change = useChange();
  // Made once: who tries again what was refused goes on with the same draft.
  const steps = useRef<{ id: string; mutation: Mutation }[]>(undefined);
  const [made, setMade] = useState(false);
  const { planned } = choice;
  const persona = personas.find((one) => one.id === asker);
  // A week's plan stands for itself: it is the asker's, whatever is open.
  const away = !persona ? t("writing.elsewhere") : week ? undefined : off;
  const stepsFor = (accounts: readonly Account[]) => {
    const content = newId();
    const blank: Body = {
      title: "",
      languages: [language],
      shared: { segments: [{ text: choice.text, media: [] }], options: { made_with_ai: true } },
      variants: {},
      targets: accounts
        .filter((account) => account.status !== "disconnected")
        .map((account) => account.id),
    };
    const like = editText(open, tab, (text) => ({
      ...editPart(text, at, (one) => ({ ...one, text: choice.text })),
      options: { ...text.options, made_with_ai: true },
    }));
    const body = week ? blank : like;
    const mutations: Mutation[] = [
      { type: "save_working_copy", content, persona: asker, body, base: 0 },
    ];
    if (planned) {
      const deliveries = body.targets.map((identity) => ({ id: newId(), identity, planned }));
      mutations.push({ type: "plan", content, deliveries });
    }
    return mutations.map((mutation) => ({ id: newId(), mutation }));
  };
  const make = async () => {
    steps.current ??= stepsFor(persona?.accounts ?? []);
    try {
      for (const step of steps.current) await change.mutateAsync(step);
      setMade(true);
      say({ text: t("writing.drafted") });
    } catch (error) {
      sayProblem(error, make);
    }
  };
  return (
    <>
      {planned ? (
        <span className="text-meta text-text-2">{dayAndClock(planned.at, planned.zone)}</span>
      ) : null}
      <Button
        size="row"
        busy={change.isPending}
        off={made ? t("writing.drafted") : away}
        onClick={make}
      >
        {t("writing.make_draft")}
      </Button>
    </>
  );
}
