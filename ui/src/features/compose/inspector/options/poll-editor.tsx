import { Trash2 } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Poll, PollLimits } from "@/bindings";
import { IconButton, Select, Switch } from "@/shared";
import { LinesField } from "@/shared/lines-field";
import { lasting } from "@/shared/options";
import { Line } from "../line";
import { choose, durationsOf } from "./model";

/** The choices of a poll, how long it runs, and how it is counted. */
export function PollEditor({
  poll,
  limits,
  hint,
  lang,
  onChange,
  onRemove,
}: {
  poll: Poll;
  /** Absent when no network that gets the text has polls. */
  limits: PollLimits | undefined;
  hint: string | undefined;
  lang: string | undefined;
  onChange: (poll: Poll) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  // A new poll begins at its first choice.
  const fresh = useRef(poll.choices.every((choice) => choice === ""));
  useEffect(() => {
    if (fresh.current) box.current?.querySelector("input")?.focus();
  }, []);
  return (
    <div ref={box} className="mt-1 flex flex-col gap-1.5">
      <LinesField
        label={t("options.poll")}
        {...(hint ? { hint } : {})}
        name={(n) => t("compose.poll_choice", { n })}
        values={poll.choices}
        lang={lang}
        onChange={(choices) => onChange({ ...poll, choices })}
        add={t("compose.poll_more")}
        {...(limits ? { max: limits.max_choices } : {})}
      />
      <Line
        label={t("compose.poll_runs")}
        end={
          <IconButton
            size="row"
            label={t("compose.poll_remove")}
            icon={<Trash2 size={14} strokeWidth={1.75} aria-hidden />}
            onClick={onRemove}
          />
        }
      >
        <Select
          look="filter"
          label={t("compose.poll_runs")}
          value={String(poll.minutes)}
          onChange={(minutes) => onChange({ ...poll, minutes: Number(minutes) })}
          choices={durationsOf(limits, poll.minutes).map((minutes) => ({
            value: String(minutes),
            label: lasting(minutes, t),
          }))}
        />
      </Line>
      {limits?.multiple || poll.multiple ? (
        <Line
          label={t("compose.poll_votes")}
          end={
            <Switch
              on={poll.multiple === true}
              label={t("options.poll_multiple")}
              onChange={(multiple) => onChange(choose(poll, { multiple }))}
            />
          }
        >
          {t(poll.multiple ? "options.poll_multiple" : "options.poll_single")}
        </Line>
      ) : null}
      {limits?.hide_totals || poll.hide_totals ? (
        <Line
          label={t("compose.poll_totals")}
          end={
            <Switch
              on={poll.hide_totals === true}
              label={t("options.poll_hidden")}
              onChange={(hide_totals) => onChange(choose(poll, { hide_totals }))}
            />
          }
        >
          {t(poll.hide_totals ? "options.poll_hidden" : "options.poll_shown")}
        </Line>
      ) : null}
    </div>
  );
}
