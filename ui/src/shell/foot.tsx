import { clsx } from "clsx";
import {
  Cloud,
  CloudAlert,
  HardDrive,
  type LucideIcon,
  Pause,
  Send,
  Server,
  TriangleAlert,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Overview } from "@/bindings";
import { useIsMirror, useMirror } from "@/data";
import { machineZone, soon, Tooltip } from "@/shared";
import { useGo } from "./go";
import { useSession } from "./session";
import { standingOf } from "./sync";

interface State {
  icon: LucideIcon;
  text: string;
  tone?: string;
}

/** One line on how the runtime stands; never only a colour. */
export function Foot({ overview, rail }: { overview: Overview | undefined; rail: boolean }) {
  const { t } = useTranslation();
  const go = useGo();
  const lost = useSession((session) => session.lost);
  const isMirror = useIsMirror();
  const mirror = useMirror();
  const runtime = overview?.runtime;
  const served = overview?.signed_in === true;

  const state = ((): State => {
    if (lost) return { icon: CloudAlert, text: t("foot.lost"), tone: "text-warn-fg" };
    if (isMirror) {
      if (!mirror) return { icon: Cloud, text: t("foot.starting") };
      const { attention, ...standing } = standingOf(mirror, t);
      return attention ? { ...standing, tone: "text-warn-fg" } : standing;
    }
    if (!runtime) return { icon: HardDrive, text: t("foot.starting") };
    if (runtime.held) return { icon: TriangleAlert, text: t("foot.held"), tone: "text-warn-fg" };
    if (runtime.paused) return { icon: Pause, text: t("foot.paused"), tone: "text-warn-fg" };
    if (!runtime.owner)
      return { icon: TriangleAlert, text: t("foot.elsewhere"), tone: "text-warn-fg" };
    if (runtime.sending > 0)
      return { icon: Send, text: t("foot.sending", { count: runtime.sending }) };
    if (runtime.next) {
      const time = soon(runtime.next.planned.at, machineZone());
      return served
        ? { icon: Server, text: t("foot.server_next", { time }) }
        : { icon: HardDrive, text: t("foot.local_next", { time }) };
    }
    return served
      ? { icon: Server, text: t("foot.server") }
      : { icon: HardDrive, text: t("foot.local") };
  })();
  const Icon = state.icon;
  const shape = clsx(
    "flex h-[34px] w-full shrink-0 items-center gap-2.5 border-t border-line text-meta",
    rail ? "justify-center" : "px-[18px]",
    state.tone ?? "text-text-3",
  );
  const inside = (
    <>
      <Icon size={15} strokeWidth={1.75} aria-hidden className="shrink-0" />
      {rail ? null : <span className="ellipsis">{state.text}</span>}
    </>
  );
  const line = isMirror ? (
    <button
      type="button"
      aria-label={t("sync.open", { words: state.text })}
      className={clsx(shape, "text-left hover:bg-hover")}
      onClick={() => go({ type: "outbox" })}
    >
      {inside}
    </button>
  ) : (
    <div role="status" aria-label={state.text} className={shape}>
      {inside}
    </div>
  );
  return rail ? <Tooltip text={state.text}>{line}</Tooltip> : line;
}
