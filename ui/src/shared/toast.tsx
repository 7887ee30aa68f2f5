import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Toaster, toast } from "sonner";
import { IconButton } from "./button";
import { Glyph, type GlyphName } from "./glyph";
import { Kbd } from "./kbd";
import { type Tone, toneDot } from "./tone";

const SHOWN_MS = 6_000;

export interface Said {
  text: string;
  tone?: Tone;
  glyph?: GlyphName;
  icon?: ReactNode;
  /** One way on: Undo, Open. */
  action?: { label: string; keys?: string; onAct: () => void };
  /** A share from 0 to 1 while it runs; such a toast stays. */
  progress?: number;
  /** What stands right of the words, such as "38 of 112 MB". */
  fact?: string;
  id?: string;
}

/** The last action that a toast offered to undo; Mod+Z runs it while the toast is up. */
let undo: { act: () => void; id: string | number } | undefined;

/** Says what happened, bottom right, 6 s, longer while the pointer is on it. */
export function say(said: Said): string | number {
  const id = toast.custom((key) => <ToastCard said={said} onClose={() => toast.dismiss(key)} />, {
    duration: said.progress === undefined ? SHOWN_MS : Number.POSITIVE_INFINITY,
    ...(said.id ? { id: said.id } : {}),
    onDismiss: forget(said),
    onAutoClose: forget(said),
  });
  if (said.action?.keys === "Mod+Z") undo = { act: said.action.onAct, id };
  return id;
}

function forget(said: Said) {
  return () => {
    if (undo && undo.act === said.action?.onAct) undo = undefined;
  };
}

/** Runs the offered undo; false when there is none. */
export function runUndo(): boolean {
  if (!undo) return false;
  const { act, id } = undo;
  undo = undefined;
  toast.dismiss(id);
  act();
  return true;
}

/** Takes a toast away. */
export function unsay(id: string | number): void {
  toast.dismiss(id);
}

/** One toast. */
export function ToastCard({ said, onClose }: { said: Said; onClose: () => void }) {
  const { t } = useTranslation();
  const { tone = "neutral", glyph, icon, action, progress, fact } = said;
  return (
    <div
      role="status"
      className="flex min-h-9 w-[380px] max-w-[calc(100vw-32px)] items-center gap-3 rounded-card bg-raised py-1 pr-1.5 pl-4 text-base text-text shadow-float"
    >
      {icon ? (
        <span className="text-text-2">{icon}</span>
      ) : glyph ? (
        <Glyph name={glyph} className={toneDot[tone]} />
      ) : null}
      <div className="min-w-0 flex-1 py-1">
        <div className="flex justify-between gap-3">
          <span className="min-w-0 break-words">{said.text}</span>
          {fact ? <span className="tnum shrink-0 text-meta text-text-3">{fact}</span> : null}
        </div>
        {progress === undefined ? null : (
          <div className="mt-1.5 h-[3px] rounded-full bg-hover">
            <div
              className="h-full rounded-full bg-accent"
              style={{ width: `${Math.round(progress * 100)}%` }}
            />
          </div>
        )}
      </div>
      {action ? (
        <button
          type="button"
          onClick={() => {
            action.onAct();
            onClose();
          }}
          className="flex h-7 shrink-0 items-center gap-1.5 rounded-control px-2 font-medium text-text-2 hover:bg-hover hover:text-text"
        >
          {action.label}
          {action.keys ? <Kbd keys={action.keys} /> : null}
        </button>
      ) : null}
      {progress === undefined ? (
        <IconButton
          label={t("common.close")}
          icon={<X size={15} strokeWidth={1.75} aria-hidden />}
          onClick={onClose}
        />
      ) : null}
    </div>
  );
}

/** Where toasts appear; once, in the shell. */
export function Toasts() {
  return (
    <Toaster
      position="bottom-right"
      offset={16}
      gap={8}
      visibleToasts={4}
      expand
      style={{ fontFamily: "var(--font-sans)" }}
    />
  );
}
