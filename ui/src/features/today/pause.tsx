import { Pause, Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAnswer } from "@/data";
import { Button } from "@/shared";
import { offerOf } from "@/shell";

/** Stops or resumes sending for all personas. */
export function PauseButton() {
  const { t } = useTranslation();
  const paused = useAnswer({ type: "overview" }).data?.runtime.paused;
  if (paused === undefined) return null;
  const Icon = paused ? Play : Pause;
  return (
    <Button
      kind={paused ? "plain" : "ghost"}
      icon={<Icon size={14} strokeWidth={2} aria-hidden />}
      onClick={() => offerOf(paused ? "sending.resume" : "sending.pause")?.run()}
    >
      {paused ? t("action.resume") : t("action.pause")}
    </Button>
  );
}
