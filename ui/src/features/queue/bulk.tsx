import { Archive, Ban, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ContentRow } from "@/bindings";
import { Button, IconButton } from "@/shared";
import type { ContentVerbs } from "./verbs";

/** What can be done with all chosen contents at once. */
export function BulkBar({
  rows,
  verbs,
  onClear,
}: {
  rows: readonly ContentRow[];
  verbs: ContentVerbs;
  onClear: () => void;
}) {
  const { t } = useTranslation();
  const icon = { size: 13, strokeWidth: 2, "aria-hidden": true } as const;
  const then = (act: (rows: readonly ContentRow[]) => void) => () => {
    act(rows);
    onClear();
  };
  return (
    <div role="toolbar" aria-label={t("queue.bulk")} className="flex items-center gap-2">
      <IconButton
        size="row"
        label={t("queue.choose_none")}
        icon={<X {...icon} />}
        onClick={onClear}
      />
      <span className="tnum mr-1 text-meta font-medium" role="status">
        {t("queue.chosen", { count: rows.length })}
      </span>
      <Button
        size="row"
        icon={<Ban {...icon} />}
        off={rows.some(verbs.canCancel) ? false : t("queue.nothing_to_cancel")}
        onClick={then(verbs.cancel)}
      >
        {t("action.cancel_sending")}
      </Button>
      <Button size="row" icon={<Archive {...icon} />} onClick={then((all) => verbs.archive(all))}>
        {t("action.archive")}
      </Button>
    </div>
  );
}
