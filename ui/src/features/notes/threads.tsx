import { clsx } from "clsx";
import { Check, Image, RotateCcw, X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { NoteThread, NoteView } from "@/bindings";
import { Button, clock, dayKey, IconButton, machineZone, PersonaAvatar, tinyDay } from "@/shared";
import { namesIn } from "./mentions";
import type { Notes } from "./use-notes";
import { WriteNote } from "./write";

/** Threads, those that are closed behind one line. */
export function Threads({
  notes,
  n,
  now,
  chosen,
  onChoose,
  line = false,
}: {
  notes: Notes;
  /** The version that is shown. */
  n: number;
  now: number;
  chosen?: string | undefined;
  onChoose?: (id: string) => void;
  /** They stand beside the text, each with a line to it. */
  line?: boolean;
}) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const open = notes.threads.filter((thread) => !thread.resolved_at);
  const closed = notes.threads.filter((thread) => thread.resolved_at);
  const props = { notes, n, now };
  return (
    <ul className="flex flex-col gap-2.5" aria-label={t("notes.title")}>
      {open.map((thread) => (
        <Thread
          key={thread.note.id}
          thread={thread}
          chosen={chosen === thread.note.id}
          {...(onChoose ? { onChoose: () => onChoose(thread.note.id) } : {})}
          line={line}
          {...props}
        />
      ))}
      {closed.length > 0 ? (
        <li>
          <button
            type="button"
            aria-expanded={all}
            onClick={() => setAll(!all)}
            className="text-meta font-medium text-accent-text hover:underline"
          >
            {t(all ? "notes.hide_resolved" : "notes.show_resolved", { count: closed.length })}
          </button>
        </li>
      ) : null}
      {all
        ? closed.map((thread) => (
            <Thread key={thread.note.id} thread={thread} chosen={false} line={false} {...props} />
          ))
        : null}
    </ul>
  );
}

function Thread({
  thread,
  notes,
  n,
  now,
  chosen,
  onChoose,
  line,
}: {
  thread: NoteThread;
  notes: Notes;
  n: number;
  now: number;
  chosen: boolean;
  onChoose?: () => void;
  line: boolean;
}) {
  const { t } = useTranslation();
  const [answering, setAnswering] = useState(false);
  const box = useRef<HTMLLIElement>(null);
  const { note, anchor, quote, answers } = thread;
  useEffect(() => {
    if (chosen) box.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const older = note.n === n ? undefined : t("notes.on_version", { n: note.n });
  return (
    <li
      ref={box}
      data-thread={note.id}
      onFocus={onChoose}
      // A press chooses it, so that its words are shown; focus does the same.
      onPointerDown={onChoose}
      className={clsx(
        "relative rounded-card bg-raised px-3 py-2.5 text-meta shadow-[inset_0_0_0_1px_var(--line)]",
        chosen && "shadow-[inset_0_0_0_1px_var(--brass)]!",
        thread.resolved_at && "opacity-80",
      )}
    >
      {line && anchor.type === "text" ? (
        <span
          aria-hidden
          className="absolute top-[22px] -left-6 flex w-6 items-center before:h-px before:flex-1 before:bg-brass after:size-1.5 after:translate-x-[3px] after:rounded-full after:bg-brass"
        />
      ) : null}
      {older || quote || anchor.type === "media" ? (
        <p className="mb-1.5 flex items-baseline gap-1.5 text-text-3">
          {anchor.type === "media" ? (
            <span className="inline-flex items-center gap-1">
              <Image size={12} strokeWidth={1.75} aria-hidden />
              {t("notes.on_picture")}
            </span>
          ) : null}
          {quote ? (
            <bdi className="ellipsis min-w-0 border-b border-brass font-serif" title={quote}>
              {quote}
            </bdi>
          ) : null}
          {older ? <span className="shrink-0">{older}</span> : null}
        </p>
      ) : null}
      <One note={note} now={now} onRemove={notes.remove} />
      {answers.map((answer) => (
        <One key={answer.id} note={answer} now={now} onRemove={notes.remove} later />
      ))}
      {thread.resolved_by && thread.resolved_at ? (
        <p className="mt-2 text-text-3">
          {t("notes.resolved_by", { person: thread.resolved_by.name })}
        </p>
      ) : null}
      {notes.writes ? (
        <div className="mt-2">
          {answering ? (
            <WriteNote
              label={t("notes.answer_label")}
              action={t("notes.answer")}
              onSend={(text) => notes.add(n, { type: "version" }, text, note.id)}
              onCancel={() => setAnswering(false)}
            />
          ) : (
            <div className="flex gap-1">
              <Button size="row" onClick={() => setAnswering(true)}>
                {t("notes.answer")}
              </Button>
              <Button
                size="row"
                kind="ghost"
                icon={
                  thread.resolved_at ? (
                    <RotateCcw size={13} strokeWidth={2} aria-hidden />
                  ) : (
                    <Check size={13} strokeWidth={2} aria-hidden />
                  )
                }
                onClick={() => notes.resolve(note.id, !thread.resolved_at)}
              >
                {t(thread.resolved_at ? "notes.reopen" : "notes.resolve")}
              </Button>
            </div>
          )}
        </div>
      ) : null}
    </li>
  );
}

function One({
  note,
  now,
  onRemove,
  later = false,
}: {
  note: NoteView;
  now: number;
  onRemove: (id: string) => void;
  later?: boolean;
}) {
  const { t } = useTranslation();
  const zone = machineZone();
  const when = dayKey(note.at, zone) === dayKey(now, zone) ? clock : tinyDay;
  const who = note.outside
    ? t("history.outside", { name: note.outside })
    : note.operator
      ? t("history.acting", { person: note.operator.name, other: note.by.name })
      : note.by.name;
  return (
    <div className={clsx("group", later && "mt-2.5")}>
      <div className="flex items-center gap-2">
        <PersonaAvatar name={note.outside ?? note.by.name} size={20} />
        <span className="ellipsis font-strong text-text">{who}</span>
        <span className="ml-auto flex items-center">
          {note.removable ? (
            <IconButton
              size="row"
              label={t("notes.remove")}
              icon={<X size={12} strokeWidth={2} aria-hidden />}
              onClick={() => onRemove(note.id)}
              className="opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 max-md:opacity-100"
            />
          ) : null}
          <time dateTime={note.at} className="tnum text-text-2">
            {when(note.at, zone)}
          </time>
        </span>
      </div>
      {note.removed ? (
        <p className="mt-1 text-text-3">{t("notes.removed")}</p>
      ) : (
        <p
          dir="auto"
          data-selectable
          className="mt-1 text-base break-words whitespace-pre-wrap text-text"
        >
          {namesIn(
            note.text,
            note.mentions.map((one) => one.name),
          ).map(
            (piece): ReactNode =>
              piece.named ? (
                <span key={piece.at} className="font-medium text-accent-text">
                  {piece.text}
                </span>
              ) : (
                piece.text
              ),
          )}
        </p>
      )}
    </div>
  );
}
