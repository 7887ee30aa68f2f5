import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContentDetail, DeliveryDetail } from "@/bindings";
import { AskDialog, Button, clock, machineZone, networkName } from "@/shared";
import { useGo } from "@/shell";
import { Say } from "./say";
import type { Verbs } from "./verbs";

interface UpdateProps {
  detail: ContentDetail;
  delivery: DeliveryDetail;
  verbs: Verbs;
}

/** Whether there is something to say of an update of what is out. */
export function hasUpdateNews({ n, edit, update }: DeliveryDetail): boolean {
  const open = edit && ["waiting", "sending", "held", "failed"].includes(edit.status);
  return Boolean(open || update?.ready || (update && update.n > n && update.trouble));
}

/** Whether what is out could be updated now. */
export function canUpdate({ edit, update }: DeliveryDetail): boolean {
  const open = edit && ["waiting", "sending", "held"].includes(edit.status);
  return Boolean(update?.ready && !open);
}

/** How the update of what is out stands, and the ways on. */
export function UpdateNews({ detail, delivery, verbs }: UpdateProps) {
  const { t } = useTranslation();
  const go = useGo();
  const [asking, setAsking] = useState(false);
  const { target, edit, update } = delivery;
  const network = networkName(target.network, t("network.site"));
  const id = target.delivery;
  const stop = (
    <Button size="row" kind="ghost" onClick={() => verbs.cancelUpdate(id)}>
      {t("content.update_stop")}
    </Button>
  );
  const open = detail.request?.status === "open" ? detail.request : undefined;
  switch (edit?.status) {
    case "waiting": {
      const { n, words, retry_at } = edit;
      return (
        <Say
          title={t(open ? "content.update_waits_approval" : "content.update_waits", { n })}
          words={
            words || retry_at ? (
              <>
                {words ? `“${words}” ` : ""}
                {retry_at ? t("content.retry_at", { time: clock(retry_at, machineZone()) }) : ""}
              </>
            ) : undefined
          }
        >
          {stop}
        </Say>
      );
    }
    case "sending":
      return <Say title={t("content.update_sending", { n: edit.n })} words={edit.words} />;
    case "held":
      return (
        <Say
          title={t("content.update_held", { n: edit.n })}
          words={edit.words ?? t(`content.hold_more.${edit.hold ?? "account"}`, { network })}
        >
          {edit.hold === "folder" ? (
            <Button kind="primary" size="row" onClick={() => go({ type: "settings" })}>
              {t("content.hold_way.folder")}
            </Button>
          ) : (
            <Button
              kind="primary"
              size="row"
              onClick={() => go({ type: "account", id: target.identity })}
            >
              {t("content.hold_way.account")}
            </Button>
          )}
          {stop}
        </Say>
      );
    case "failed":
      return (
        <Say
          title={t("content.update_failed", { n: edit.n, network })}
          words={edit.words ? `“${edit.words}”` : t("content.update_failed_more")}
        >
          {update?.ready ? (
            <Button kind="primary" size="row" onClick={() => verbs.update(id)}>
              {t("common.try_again")}
            </Button>
          ) : null}
          <Button size="row" onClick={() => go({ type: "edit", id: detail.row.id })}>
            {t("common.edit")}
          </Button>
          <Button size="row" kind="ghost" onClick={() => verbs.cancelUpdate(id)}>
            {t("content.update_leave")}
          </Button>
        </Say>
      );
  }
  if (update?.ready) {
    const { n } = update;
    return (
      <>
        <Say title={t("content.update_ready", { n, out: delivery.n, network })}>
          <Button kind="primary" size="row" onClick={() => setAsking(true)}>
            {t("content.update")}
          </Button>
        </Say>
        <UpdateDialog
          delivery={delivery}
          verbs={verbs}
          open={asking}
          onClose={() => setAsking(false)}
        />
      </>
    );
  }
  if (update?.trouble) {
    return (
      <Say
        title={t("content.update_trouble", { n: update.n, network })}
        words={t(`edit_trouble.${update.trouble}`)}
      >
        <Button size="row" onClick={() => go({ type: "edit", id: detail.row.id })}>
          {t("common.edit")}
        </Button>
      </Say>
    );
  }
  return null;
}

/** Asks once before what people have read is changed. */
export function UpdateDialog({
  delivery,
  verbs,
  open,
  onClose,
}: Pick<UpdateProps, "delivery" | "verbs"> & { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const network = networkName(delivery.target.network, t("network.site"));
  return (
    <AskDialog
      open={open}
      onClose={onClose}
      title={t("content.update_ask", { network })}
      body={t("content.update_body", { n: delivery.update?.n ?? 0, network })}
      safe={t("content.keep")}
      onSafe={() => {}}
      other={t("content.update_do")}
      onOther={() => verbs.update(delivery.target.delivery)}
    />
  );
}
