import { useTranslation } from "react-i18next";
import { Button } from "@/shared";
import type { Draft } from "./draft";

/** Appears when something is typed that is not kept yet. */
export function SaveBar({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  if (!draft.dirty) return null;
  return (
    <div
      role="status"
      className="sticky bottom-0 z-10 flex items-center gap-2 border-t border-line bg-surface px-6 py-2.5 max-sm:px-4"
    >
      <span className="flex-1 text-meta text-text-2">{t("personas.unsaved")}</span>
      <Button kind="ghost" onClick={draft.discard}>
        {t("personas.discard")}
      </Button>
      <Button kind="primary" busy={draft.busy} onClick={() => draft.save()}>
        {t("personas.save")}
      </Button>
    </div>
  );
}
