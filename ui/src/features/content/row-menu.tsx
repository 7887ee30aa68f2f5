import {
  Ban,
  CalendarClock,
  Copy,
  Ellipsis,
  PencilLine,
  RotateCcw,
  Send,
  Trash2,
  Workflow,
} from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeliveryDetail } from "@/bindings";
import { AskDialog, IconButton, Menu, type MenuEntry, say } from "@/shared";
import { useGo } from "@/shell";
import { canMove } from "../compose/when";
import { canUpdate, UpdateDialog } from "./update";
import type { Verbs } from "./verbs";

type Asking = "delete" | "redraft" | "update";

/** What can be done with one delivery. */
export function RowMenu({
  delivery,
  url,
  name,
  verbs,
  onMove,
}: {
  delivery: DeliveryDetail;
  url: string | undefined;
  name: string;
  verbs: Verbs;
  onMove: () => void;
}) {
  const { t } = useTranslation();
  const go = useGo();
  const [asking, setAsking] = useState<Asking>();
  const { target, run } = delivery;
  const icon = { size: 14, strokeWidth: 1.75, "aria-hidden": true } as const;
  const copy = (link: string) =>
    navigator.clipboard.writeText(link).then(
      () => say({ text: t("content.done.copied"), tone: "ok", glyph: "ring-check" }),
      () => say({ text: t("content.not_copied", { link }), tone: "warn", glyph: "ring-cross" }),
    );
  const first: MenuEntry[] = [];
  if (url) {
    first.push({
      id: "copy",
      label: t("content.copy_link"),
      icon: <Copy {...icon} />,
      onSelect: () => void copy(url),
    });
  }
  if (canUpdate(delivery)) {
    first.push({
      id: "update",
      label: t("content.update"),
      icon: <PencilLine {...icon} />,
      onSelect: () => setAsking("update"),
    });
  }
  if (canMove(target.status)) {
    first.push({
      id: "move",
      label: t("content.move"),
      icon: <CalendarClock {...icon} />,
      onSelect: onMove,
    });
  }
  if (["missed", "held", "failed"].includes(target.status)) {
    first.push({
      id: "send",
      label: t("content.send_now"),
      icon: <Send {...icon} />,
      onSelect: () => verbs.sendNow(target.delivery),
    });
  }
  if (run) {
    first.push({
      id: "run",
      label: t("content.open_run"),
      icon: <Workflow {...icon} />,
      onSelect: () => go({ type: "run", id: run }),
    });
  }
  const last: MenuEntry[] = [];
  if (canMove(target.status)) {
    last.push({
      id: "cancel",
      label: t("content.cancel"),
      icon: <Ban {...icon} />,
      danger: true,
      onSelect: () => verbs.cancel(target.delivery),
    });
  }
  if (target.status === "published") {
    last.push(
      {
        id: "redraft",
        label: t("content.redraft"),
        icon: <RotateCcw {...icon} />,
        danger: true,
        onSelect: () => setAsking("redraft"),
      },
      {
        id: "delete",
        label: t("content.delete_from", { network: name }),
        icon: <Trash2 {...icon} />,
        danger: true,
        onSelect: () => setAsking("delete"),
      },
    );
  }
  if (first.length + last.length === 0) return null;
  const close = () => setAsking(undefined);
  return (
    <>
      <Menu
        trigger={
          <IconButton
            size="row"
            label={t("content.more_of", { network: name })}
            icon={<Ellipsis size={15} strokeWidth={2} aria-hidden />}
          />
        }
        groups={[first, last]}
      />
      <AskDialog
        open={asking === "delete"}
        onClose={close}
        title={t("content.delete_ask", { network: name })}
        body={t("content.delete_body", { network: name })}
        safe={t("content.keep")}
        onSafe={() => {}}
        other={t("content.delete")}
        onOther={() => verbs.remove(target.delivery)}
        danger
      />
      <AskDialog
        open={asking === "redraft"}
        onClose={close}
        title={t("content.redraft_ask", { network: name })}
        body={t("content.redraft_body", { network: name })}
        safe={t("content.keep")}
        onSafe={() => {}}
        other={t("content.redraft_do")}
        onOther={() => verbs.redraft(target.delivery)}
        danger
      />
      <UpdateDialog delivery={delivery} verbs={verbs} open={asking === "update"} onClose={close} />
    </>
  );
}
