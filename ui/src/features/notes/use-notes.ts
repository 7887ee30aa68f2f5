import { useTranslation } from "react-i18next";
import type { Anchor, Mutation, NoteThread } from "@/bindings";
import { newId, useAnswer, useChange } from "@/data";
import { say } from "@/shared";
import { sayProblem } from "@/shell";

export interface Notes {
  threads: readonly NoteThread[];
  error: unknown;
  again: () => void;
  /** Whether the person who works here may write. */
  writes: boolean;
  add: (n: number, anchor: Anchor, text: string, thread?: string) => Promise<boolean>;
  remove: (id: string) => void;
  resolve: (id: string, resolved: boolean) => void;
}

/** Notes on a content, and what can be done with them. */
export function useNotes(content: string): Notes {
  const { t } = useTranslation();
  const answer = useAnswer({ type: "notes", content });
  const me = useAnswer({ type: "overview" }).data?.me;
  const { mutateAsync } = useChange();
  const change = async (mutation: Mutation) => {
    try {
      await mutateAsync({ mutation });
      return true;
    } catch (error) {
      sayProblem(error);
      return false;
    }
  };
  const resolve = async (id: string, resolved: boolean) => {
    if (!(await change({ type: "resolve_thread", id, resolved })) || !resolved) return;
    say({
      text: t("notes.done.resolved"),
      glyph: "ring-check",
      action: {
        label: t("action.undo"),
        keys: "Mod+Z",
        onAct: () => void resolve(id, false),
      },
    });
  };
  return {
    threads: answer.data ?? [],
    error: answer.data ? undefined : answer.error,
    again: () => void answer.refetch(),
    writes: me !== undefined && me.role !== "viewer",
    add: (n, anchor, text, thread) =>
      change({
        type: "add_note",
        id: newId(),
        content,
        n,
        anchor,
        text,
        ...(thread ? { thread } : {}),
      }),
    remove: async (id) => {
      if (await change({ type: "remove_note", id })) say({ text: t("notes.done.removed") });
    },
    resolve: (id, resolved) => void resolve(id, resolved),
  };
}
