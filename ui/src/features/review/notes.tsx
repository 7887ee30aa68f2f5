import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { NoteView, Reviewed, ReviewView } from "@/bindings";
import type { Door, ProblemError } from "@/platform";
import { Button, clock, Heading, machineZone, shortDay, TextArea } from "@/shared";
import { sayProblem } from "@/shell/problem";

/** What was said of the version, and a way to say something. */
export function Notes({
  door,
  link,
  view,
  shown,
  onView,
}: {
  door: Door;
  link: string;
  view: ReviewView;
  shown: Reviewed;
  onView: (view: ReviewView) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const send = useMutation<ReviewView, ProblemError>({
    mutationFn: () => door.reviewNote(link, { hash: shown.hash, text: text.trim() }),
    onSuccess: (next) => {
      setText("");
      onView(next);
    },
    onError: (error) => sayProblem(error),
  });
  return (
    <section aria-labelledby="review-notes" className="flex flex-col gap-3 pb-4">
      <Heading id="review-notes">{t("review.notes")}</Heading>
      {shown.notes.map((thread) => (
        <div key={thread.note.id} className="rounded-card border border-line bg-surface p-3">
          {thread.quote ? (
            <p className="mb-1 font-serif text-text-2" dir="auto">
              “{thread.quote}”
            </p>
          ) : null}
          {[thread.note, ...thread.answers].map((note) => (
            <One key={note.id} note={note} />
          ))}
        </div>
      ))}
      <form
        className="flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== "" && !send.isPending) send.mutate();
        }}
      >
        <TextArea
          label={t("review.note_label", { name: view.name })}
          value={text}
          onText={setText}
          rows={2}
          className="max-h-40"
        />
        <Button
          submit
          busy={send.isPending}
          off={text.trim() === "" ? t("review.note_empty") : false}
          className="h-11! self-start"
          onClick={() => {}}
        >
          {t("review.note_send")}
        </Button>
      </form>
    </section>
  );
}

function One({ note }: { note: NoteView }) {
  const zone = machineZone();
  return (
    <div className="py-1">
      <p className="flex gap-2 text-meta text-text-2">
        <span className="font-strong text-text">{note.outside ?? note.by.name}</span>
        <time dateTime={note.at} className="tnum">
          {shortDay(note.at, zone)}, {clock(note.at, zone)}
        </time>
      </p>
      <p dir="auto" data-selectable className="break-words whitespace-pre-wrap">
        {note.text}
      </p>
    </div>
  );
}
