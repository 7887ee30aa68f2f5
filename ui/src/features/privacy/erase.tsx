import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Person } from "@/bindings";
import { useChange } from "@/data";
import { AskDialog, Checkbox, say } from "@/shared";
import { sayProblem } from "@/shell";

/** Asks before what is personal of somebody goes for good. */
export function EraseDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const { t } = useTranslation();
  const change = useChange();
  const [drafts, setDrafts] = useState(false);
  const { id, name } = person;
  return (
    <AskDialog
      open
      onClose={onClose}
      danger
      title={t("people.erase_title", { name })}
      body={
        <>
          <p>{t("people.erase_body")}</p>
          <p className="mt-3 flex items-center gap-2">
            <Checkbox on={drafts} onChange={setDrafts} label={t("people.erase_drafts")} />
            {t("people.erase_drafts")}
          </p>
        </>
      }
      safe={t("people.erase_keep")}
      onSafe={() => {}}
      other={t("people.erase_now")}
      onOther={() =>
        change.mutate(
          { mutation: { type: "erase_person", id, drafts } },
          {
            onSuccess: () => say({ text: t("people.erased", { name }), tone: "ok", glyph: "stop" }),
            onError: (error) => sayProblem(error),
          },
        )
      }
    />
  );
}
