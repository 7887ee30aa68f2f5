import { useTranslation } from "react-i18next";
import type { Need } from "@/bindings";
import { machineZone, networkName, soon, span } from "@/shared";

interface Words {
  /** What happened. */
  what: string;
  /** More of it, where there is no headline. */
  more: string;
  /** What it means, or the other side's own words. */
  detail: string;
}

/** Whether only whoever keeps the server can answer it, at a terminal. */
export const isKeepers = (need: Need): boolean => "keeper" in need.args;

/** What happened, what it means: the words of a need. */
export function useNeedWords(need: Need): Words {
  const { t } = useTranslation();
  const zone = machineZone();
  const network = networkName(need.network ?? "", t("network.site"));
  const count = Number(need.args.count ?? 1);
  const person = need.args.person ?? "";
  const planned = need.planned ? soon(need.planned.at, zone) : "";
  const quoted = need.words ? t("common.quoted", { text: need.words }) : "";
  const { unit, count: long } = span(Date.now() - new Date(need.since).getTime());
  const since = t(`since.${unit}`, { count: long });

  switch (need.kind) {
    case "unconfirmed":
      return {
        what: t("need.unconfirmed.what", { network }),
        more: "",
        detail: t("need.unconfirmed.detail", {
          network,
          time: planned,
          count: Number(need.args.looked ?? 0),
        }),
      };
    case "failed":
      return { what: t("need.failed.what", { network }), more: "", detail: quoted || planned };
    case "not_given_back":
      return {
        what: t("need.not_given_back.what", { network }),
        more: planned ? t("need.not_given_back.more", { time: planned }) : "",
        detail: quoted,
      };
    case "update_failed":
      return { what: t("need.update_failed.what", { network }), more: "", detail: quoted };
    case "missed":
      return {
        what:
          need.args.miss === "not_approved"
            ? t("need.missed.not_approved", { network })
            : t("need.missed.what", { network }),
        more: "",
        detail: planned ? t("need.missed.detail", { time: planned }) : since,
      };
    case "approvals":
      return {
        what: t("need.approvals.what", { count }),
        more: planned ? t("need.approvals.more", { time: planned }) : "",
        detail: t("need.approvals.detail", { since }),
      };
    case "changes_requested":
    case "rejected":
    case "mentioned":
      return { what: t(`need.${need.kind}.what`, { person }), more: "", detail: quoted || since };
    case "reconnect":
      return {
        what: t("need.reconnect.what", { network }),
        more: count > 0 ? t("need.reconnect.more", { count }) : "",
        detail: planned ? t("need.reconnect.detail", { since, time: planned }) : since,
      };
    case "folder_held":
      return {
        what: t("need.folder_held.what"),
        more: "",
        detail: t(isKeepers(need) ? "need.folder_held.keeper" : "need.folder_held.detail"),
      };
    case "other_history":
      return {
        what: t("need.other_history.what"),
        more: "",
        detail: t("need.other_history.detail", { count }),
      };
    case "held":
      if (need.args.hold === "budget") {
        return {
          what: t("content.hold.budget", { network }),
          more: "",
          detail: t("need.held.budget", { handle: need.args.handle ?? "", time: planned }),
        };
      }
      return { what: t("need.held.what", { network }), more: "", detail: quoted || planned };
    default:
      return {
        what: t(`need.${need.kind}.what`),
        more: "",
        detail: quoted || since,
      };
  }
}
