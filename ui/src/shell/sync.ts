import type { TFunction } from "i18next";
import { Cloud, CloudAlert, CloudCheck, CloudOff, type LucideIcon, RefreshCw } from "lucide-react";
import type { JoinedOrganization } from "@/bindings";
import { clock, dayKey, machineZone, tinyDay } from "@/shared";

export interface Standing {
  icon: LucideIcon;
  text: string;
  /** A person must look. */
  attention: boolean;
}

/** How an organization stands to its server, in words. */
export function standingOf({ status, waiting }: JoinedOrganization, t: TFunction): Standing {
  switch (status.type) {
    case "local":
    case "new":
      return { icon: Cloud, text: t("sync.new"), attention: false };
    case "reading":
      return {
        icon: RefreshCw,
        text: t("sync.reading", { count: status.things }),
        attention: false,
      };
    case "synced":
      return waiting > 0
        ? { icon: RefreshCw, text: t("sync.syncing", { count: waiting }), attention: false }
        : { icon: CloudCheck, text: t("sync.synced", { time: at(status.at) }), attention: false };
    case "syncing":
      return waiting > 0
        ? { icon: RefreshCw, text: t("sync.syncing", { count: waiting }), attention: false }
        : { icon: RefreshCw, text: t("sync.asking"), attention: false };
    case "offline":
      return {
        icon: CloudOff,
        text: waiting > 0 ? t("sync.offline_waiting", { count: waiting }) : t("sync.offline"),
        attention: true,
      };
    case "needs_attention": {
      const { problem, rejected } = status;
      const text = problem
        ? problem.code === "signed_out"
          ? t("sync.signed_out")
          : t(`problem.${problem.code}`)
        : t("sync.rejected", { count: rejected });
      return { icon: CloudAlert, text, attention: true };
    }
  }
}

/** The time alone on the same day. */
function at(when: string): string {
  const zone = machineZone();
  const today = dayKey(when, zone) === dayKey(Date.now(), zone);
  return today ? clock(when, zone) : tinyDay(when, zone);
}
