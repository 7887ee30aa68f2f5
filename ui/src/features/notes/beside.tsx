import { MessageSquarePlus } from "lucide-react";
import {
  createContext,
  type ReactNode,
  type RefObject,
  useContext,
  useEffect,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import type { Anchor, VersionDoc } from "@/bindings";
import { Button } from "@/shared";
import { HighlightContext } from "@/shared/highlighted";
import type { Highlight } from "@/shared/highlights";
import { useActions, useKeys } from "@/shell/actions";
import { highlightsOf, type Selected, selectedIn, variantOf } from "./anchor";
import { Threads } from "./threads";
import { type Notes, useNotes } from "./use-notes";
import { WriteNote } from "./write";

interface Reading {
  notes: Notes;
  doc: VersionDoc;
  n: number;
  now: number;
  chosen: string | undefined;
  choose: (id: string) => void;
  /** What a new note will be about, while it is written. */
  draft: { anchor: Anchor; quote: string } | undefined;
  setDraft: (draft: { anchor: Anchor; quote: string } | undefined) => void;
}

const ReadingContext = createContext<Reading | undefined>(undefined);

/** The text that goes out in a variant, part by part. */
function partsOf(doc: VersionDoc, variant: string): readonly string[] {
  const { shared, variants } = doc.body;
  const text = variant === "" ? shared : variants?.[variant];
  return text?.segments.map((segment) => segment.text.trim()) ?? [];
}

/** Around a version that is read: notes stand on its words, and selected words can get one. */
export function NotedReading({
  content,
  n,
  doc,
  now,
  region,
  children,
}: {
  content: string;
  n: number;
  doc: VersionDoc;
  now: number;
  /** Where words are selected. */
  region: RefObject<HTMLElement | null>;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const notes = useNotes(content);
  const [chosen, choose] = useState<string>();
  const [draft, setDraft] = useState<Reading["draft"]>();
  const [selected, setSelected] = useState<Selected & { x: number; y: number }>();
  const keys = useKeys("note.write");
  const read = () => selectedIn(region.current, (variant) => partsOf(doc, variant));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version is another text
  useEffect(() => {
    setDraft(undefined);
    setSelected(undefined);
    choose(undefined);
  }, [content, n]);
  useEffect(() => {
    const look = () => {
      const found = read();
      const box = found && window.getSelection()?.getRangeAt(0).getBoundingClientRect();
      setSelected(found && box ? { ...found, x: box.left, y: box.bottom } : undefined);
    };
    document.addEventListener("selectionchange", look);
    return () => document.removeEventListener("selectionchange", look);
  });
  const write = () => {
    const words = read();
    setDraft(
      words
        ? { anchor: { type: "text", range: words.range }, quote: words.quote }
        : { anchor: { type: "version" }, quote: "" },
    );
    setSelected(undefined);
  };
  useActions({ "note.write": notes.writes && !draft && write });
  return (
    <ReadingContext value={{ notes, doc, n, now, chosen, choose, draft, setDraft }}>
      <HighlightContext value={{ id: chosen, choose }}>
        {children}
        {selected && notes.writes && !draft ? (
          <div
            className="fade-in fixed z-30"
            style={{ left: selected.x, top: Math.min(selected.y + 6, window.innerHeight - 40) }}
          >
            <Button
              size="row"
              icon={<MessageSquarePlus size={13} strokeWidth={2} aria-hidden />}
              // Pressing must not take the selection away before it was read.
              onMouseDown={(event) => event.preventDefault()}
              onClick={write}
              {...(keys ? { keys } : {})}
            >
              {t("notes.write")}
            </Button>
          </div>
        ) : null}
      </HighlightContext>
    </ReadingContext>
  );
}

const none = { parts: [] as Highlight[][], joined: [] as Highlight[], attributes: {} };

/** What is highlighted in the text of an account, and what its element says of itself. */
export function useHighlights(identity: string, network: string) {
  const reading = useContext(ReadingContext);
  if (!reading) return none;
  const variant = variantOf(reading.doc, identity, network);
  const open = reading.draft?.anchor;
  const own =
    open?.type === "text"
      ? [
          {
            note: { id: "new", n: reading.n },
            anchor: open,
            quote: reading.draft?.quote ?? "",
          } as Notes["threads"][number],
        ]
      : [];
  return {
    ...highlightsOf(
      [...reading.notes.threads, ...own],
      variant,
      partsOf(reading.doc, variant),
      reading.n,
    ),
    attributes: { "data-note-variant": variant },
  };
}

/** A text with its notes beside it, below it where there is no room. */
export function Beside({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const reading = useContext(ReadingContext);
  if (!reading) return children;
  const { notes, n, now, chosen, choose, draft, setDraft } = reading;
  if (!draft && notes.threads.length === 0) return children;
  return (
    <div className="flex flex-col gap-x-12 gap-y-4 @min-[520px]:flex-row">
      <div className="min-w-0 flex-1">{children}</div>
      <div className="flex shrink-0 flex-col gap-2.5 @min-[520px]:w-[228px]">
        {draft ? (
          <div className="relative rounded-card bg-raised p-3 shadow-[inset_0_0_0_1px_var(--brass)]">
            {draft.quote ? (
              <p className="mb-2 text-meta">
                <bdi className="border-b border-brass font-serif">{draft.quote}</bdi>
              </p>
            ) : null}
            <WriteNote
              label={t(
                draft.anchor.type === "version" ? "notes.write_label" : "notes.write_here_label",
              )}
              action={t("notes.send")}
              onSend={(text) => notes.add(n, draft.anchor, text)}
              onCancel={() => setDraft(undefined)}
            />
          </div>
        ) : null}
        <Threads notes={notes} n={n} now={now} chosen={chosen} onChoose={choose} line />
      </div>
    </div>
  );
}

/** The way to write about a picture. */
export function NoteOnPicture({ asset }: { asset: string }) {
  const { t } = useTranslation();
  const reading = useContext(ReadingContext);
  if (!reading?.notes.writes || reading.draft) return null;
  return (
    <Button
      size="row"
      kind="ghost"
      icon={<MessageSquarePlus size={13} strokeWidth={2} aria-hidden />}
      onClick={() => reading.setDraft({ anchor: { type: "media", asset }, quote: "" })}
    >
      {t("notes.write")}
    </Button>
  );
}
