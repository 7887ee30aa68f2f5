import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { ContentRow } from "@/bindings";
import { newId, useAct, useChange } from "@/data";
import { say } from "@/shared";
import { sayProblem, useGo } from "@/shell";
import { cancellable } from "./bulk-acts";

export interface ContentVerbs {
  edit: (row: ContentRow) => void;
  duplicate: (row: ContentRow) => void;
  canCancel: (row: ContentRow) => boolean;
  cancel: (rows: readonly ContentRow[]) => void;
  archive: (rows: readonly ContentRow[], away?: boolean) => void;
}

/** What can be done with contents in a list, alone or many at once. */
export function useContentVerbs(): ContentVerbs {
  const { t } = useTranslation();
  const go = useGo();
  const { mutateAsync: change } = useChange();
  const { mutateAsync: act } = useAct<"duplicate">();

  return useMemo(() => {
    const archive = async (rows: readonly ContentRow[], away = true) => {
      const cancelled = away ? rows.flatMap(cancellable).length : 0;
      try {
        for (const row of rows) {
          await change({
            mutation: { type: "archive_content", content: row.id, archived: away },
          });
        }
      } catch (error) {
        return sayProblem(error);
      }
      say({
        text: away
          ? cancelled > 0
            ? t("queue.archived_cancelled", { count: rows.length, sendings: cancelled })
            : t("queue.archived", { count: rows.length })
          : t("queue.taken_back", { count: rows.length }),
        glyph: "box",
        ...(away
          ? {
              action: {
                label: t("action.undo"),
                keys: "Mod+Z",
                onAct: () => void archive(rows, false),
              },
            }
          : {}),
      });
    };
    return {
      edit: (row) => go({ type: "edit", id: row.id }),
      duplicate: async (row) => {
        const id = newId();
        try {
          await act({ act: { type: "duplicate", content: row.id, id } });
          go({ type: "edit", id });
        } catch (error) {
          sayProblem(error);
        }
      },
      canCancel: (row) => cancellable(row).length > 0,
      cancel: async (rows) => {
        const deliveries = rows.flatMap(cancellable);
        if (deliveries.length === 0) return;
        try {
          const { notices } = await change({
            mutation: { type: "cancel_deliveries", deliveries },
          });
          say({
            text: notices.includes("asked_back")
              ? t("notice.asked_back")
              : t("queue.cancelled", { count: deliveries.length }),
            tone: "neutral",
            glyph: "ring-cross",
          });
        } catch (error) {
          sayProblem(error);
        }
      },
      archive: (rows, away) => void archive(rows, away),
    };
  }, [t, go, change, act]);
}
