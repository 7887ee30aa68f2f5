import { useTranslation } from "react-i18next";
import type { NotificationKind } from "@/bindings";
import { useAct } from "@/data";
import { Button, QuietSpan, Switch, say } from "@/shared";
import { sayProblem } from "@/shell";
import type { PartProps } from "./appearance";
import { Block, Line } from "./line";

const kinds: readonly NotificationKind[] = [
  "approval_pending",
  "decision",
  "expired",
  "published",
  "failed",
  "unconfirmed",
  "missed",
  "reconnect",
  "sign_in_over",
  "empty_slot",
  "slot_idea",
  "draft_made",
  "summary",
  "mentioned",
  "stuck",
  "hand_off",
  "delegated",
  "outside_note",
];

const HOUR = 60;
const usual = { from: 22 * HOUR, to: 7 * HOUR };

/** Which notifications come, and when none does. */
export function Notifications({ choices, set }: PartProps) {
  const { t } = useTranslation();
  const trial = useAct<"test_notification">();
  const quiet = choices.quiet_hours;
  return (
    <>
      <Block
        title={t("settings.part.notifications")}
        aside={
          <Button
            size="row"
            busy={trial.isPending}
            onClick={() =>
              trial.mutate(
                { act: { type: "test_notification" } },
                {
                  onSuccess: () => say({ text: t("settings.test_sent") }),
                  onError: (error) => sayProblem(error),
                },
              )
            }
          >
            {t("settings.test_notification")}
          </Button>
        }
      >
        {kinds.map((kind) => (
          <Line
            key={kind}
            title={t(`settings.kind.${kind}`)}
            hint={kind === "unconfirmed" || kind === "failed" ? t("settings.kind_kept") : undefined}
          >
            <Switch
              label={t(`settings.kind.${kind}`)}
              on={!choices.muted.includes(kind)}
              onChange={(on) =>
                set({
                  muted: on
                    ? choices.muted.filter((muted) => muted !== kind)
                    : [...choices.muted, kind],
                })
              }
            />
          </Line>
        ))}
      </Block>
      <Block title={t("settings.quiet")}>
        <Line title={t("settings.quiet_on")} hint={t("settings.quiet_hint")}>
          {quiet ? (
            <QuietSpan quiet={quiet} onQuiet={(quiet_hours) => set({ quiet_hours })} />
          ) : null}
          <Switch
            label={t("settings.quiet_on")}
            on={quiet !== undefined}
            onChange={(on) => set({ quiet_hours: on ? usual : undefined })}
          />
        </Line>
        {quiet ? (
          <Line title={t("settings.quiet_urgent")} hint={t("settings.quiet_urgent_hint")}>
            <Switch
              label={t("settings.quiet_urgent")}
              on={choices.urgent_in_quiet}
              onChange={(urgent_in_quiet) => set({ urgent_in_quiet })}
            />
          </Line>
        ) : null}
      </Block>
    </>
  );
}
