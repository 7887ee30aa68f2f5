import { useTranslation } from "react-i18next";
import type { Account, Automation, AutomationLevel } from "@/bindings";
import {
  Checkbox,
  Heading,
  NetworkTile,
  networkName,
  QuietSpan,
  Segmented,
  Select,
  Switch,
} from "@/shared";
import type { Draft } from "./draft";

const HOUR = 60;
const BEFORE = [60, 180, 360, 720, 1440, 2880];
const CAPS = [1, 2, 3, 5, 10];
const NIGHT = { from: 20 * HOUR, to: 8 * HOUR };
const levels: readonly AutomationLevel[] = ["by_hand", "remind", "suggest", "draft", "plan"];
/** How long before a slot, where nothing else was chosen: a draft wants to be read and approved. */
const usual: Record<AutomationLevel, number> = {
  by_hand: 0,
  remind: 180,
  suggest: 180,
  draft: 1440,
  plan: 1440,
};

/** What Rostrum may do on its own with an empty slot, rung by rung. */
export function AutomationEditor({
  draft,
  accounts,
}: {
  draft: Draft;
  accounts: readonly Account[];
}) {
  const { t } = useTranslation();
  const { automation } = draft.draft;
  const { level } = automation;
  const set = (part: Partial<Automation>) => draft.edit({ automation: { ...automation, ...part } });
  const drafts = level === "draft" || level === "plan";
  return (
    <section aria-label={t("automation.title")}>
      <Heading className="mt-8">{t("automation.title")}</Heading>
      <div className="mt-2 flex flex-wrap items-center gap-3">
        <Segmented<AutomationLevel>
          label={t("automation.title")}
          value={level}
          onChange={(next) =>
            set({
              level: next,
              // What was the usual of the rung before is none that somebody chose.
              remind_before:
                automation.remind_before === usual[level] || !automation.remind_before
                  ? usual[next]
                  : automation.remind_before,
            })
          }
          options={levels.map((value) => ({ value, label: t(`automation.${value}`) }))}
          className="max-sm:flex-wrap"
        />
        {level === "by_hand" ? null : (
          <Select
            look="filter"
            label={t("automation.before")}
            value={String(automation.remind_before)}
            onChange={(before) => set({ remind_before: Number(before) })}
            choices={[...new Set([automation.remind_before, ...BEFORE])]
              .sort((a, b) => a - b)
              .map((before) => ({
                value: String(before),
                label: t("automation.hours_before", { count: Math.round(before / HOUR) }),
              }))}
          />
        )}
        {drafts ? (
          <Select
            look="filter"
            label={t("automation.cap")}
            value={String(automation.daily_cap ?? 2)}
            onChange={(cap) => set({ daily_cap: Number(cap) })}
            choices={[...new Set([automation.daily_cap ?? 2, ...CAPS])]
              .sort((a, b) => a - b)
              .map((cap) => ({
                value: String(cap),
                label: t("automation.cap_a_day", { count: cap }),
              }))}
          />
        ) : null}
      </div>
      <p className="mt-2 max-w-[560px] text-meta text-text-2">
        {t(`automation.${level}_means`)}
        {drafts ? ` ${t("automation.without_model")}` : null}
      </p>
      {level === "by_hand" ? null : <Quiet automation={automation} set={set} />}
      {drafts ? <Networks automation={automation} accounts={accounts} set={set} /> : null}
    </section>
  );
}

interface PartProps {
  automation: Automation;
  set: (part: Partial<Automation>) => void;
}

function Quiet({ automation, set }: PartProps) {
  const { t } = useTranslation();
  const quiet = automation.quiet_hours;
  return (
    <div className="mt-4 flex min-h-8 flex-wrap items-center gap-3">
      <Switch
        label={t("automation.quiet")}
        on={quiet !== undefined}
        onChange={(on) => set({ quiet_hours: on ? NIGHT : undefined })}
      />
      <span className="text-text">{t("automation.quiet")}</span>
      {quiet ? <QuietSpan quiet={quiet} onQuiet={(quiet_hours) => set({ quiet_hours })} /> : null}
    </div>
  );
}

/** On which of the persona's networks; none chosen means on all. */
function Networks({ automation, accounts, set }: PartProps & { accounts: readonly Account[] }) {
  const { t } = useTranslation();
  const own = [...new Set(accounts.map((one) => one.network))];
  const chosen = automation.networks?.length ? automation.networks : own;
  if (own.length < 2) return null;
  const turn = (network: string, on: boolean) => {
    const next = own.filter((one) => (one === network ? on : chosen.includes(one)));
    // At least one stays: to have none made there is the rung below.
    if (next.length > 0) set({ networks: next.length === own.length ? [] : next });
  };
  return (
    <fieldset className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-1">
      <legend className="float-left mr-4 text-text-2">{t("automation.networks")}</legend>
      {own.map((network) => {
        const name = networkName(network, t("network.site"));
        return (
          <span key={network} className="inline-flex h-8 items-center gap-1.5">
            <Checkbox
              label={name}
              on={chosen.includes(network)}
              onChange={(on) => turn(network, on)}
            />
            <NetworkTile network={network} name={name} />
            <span aria-hidden>{name}</span>
          </span>
        );
      })}
    </fieldset>
  );
}
