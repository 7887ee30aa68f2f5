import { clsx } from "clsx";
import type { TFunction } from "i18next";
import { CalendarClock, Check, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Planned } from "@/bindings";
import { useAnswer } from "@/data";
import {
  clock,
  dayKey,
  FieldError,
  Heading,
  machineZone,
  Popover,
  Select,
  Switch,
  shortDay,
  weekday,
  zoneCity,
  zonesDiffer,
} from "@/shared";
import { effectAt, nextStrongest, signed } from "@/shared/best-hours";
import { useBasis } from "@/shared/best-words";
import { useNames } from "@/shared/named";
import { fieldProblem, useComposer } from "../use-composer";
import { canHandOff, DEFAULT_GRACE, firstTime, wallOf } from "../when";
import { TimePicker } from "./time-picker";

const GRACES = [10, 30, 120, 720, 1440] as const;

/** The time, what it is elsewhere, the next free slots, and how late it may be. */
export function WhenPart() {
  const { t } = useTranslation();
  const composer = useComposer();
  const { when, setWhen, persona, prepared, grace, setGrace, problem } = composer;
  const slots = useAnswer({ type: "free_slots", persona: persona.id, limit: 4 });
  const asks = (prepared?.stages.length ?? 0) > 0;
  const first = firstTime(when);
  const zone = first?.zone ?? persona.profile.zone;
  const [typed] = useState(() => Date.now());
  const [week] = useState(() => new Date().toISOString());
  const best = useAnswer({ type: "best_hours", persona: persona.id, at: week }).data;
  const basis = useBasis();
  const past = first !== undefined && Date.parse(first.at) < Date.now();
  const error = fieldProblem(problem, /planned|deliveries/);
  const label =
    when.mode === "own"
      ? t("compose.when_own")
      : first
        ? `${shortDay(first.at, zone)}, ${clock(first.at, zone)}`
        : t(asks ? "compose.when_approved" : "compose.when_now");
  return (
    <section aria-labelledby="compose-when">
      <Heading id="compose-when" className="mb-1.5">
        {t("compose.when")}
      </Heading>
      <Popover
        align="end"
        trigger={
          <button
            type="button"
            aria-label={t("compose.when_choose", { when: label })}
            className={clsx(
              "tnum flex h-[30px] w-full items-center justify-between rounded-control bg-raised px-2.5 text-left shadow-[inset_0_0_0_1px_var(--edge,var(--control))]",
              (error || past) && "[--edge:var(--bad-dot)]",
            )}
          >
            {label}
            <CalendarClock size={14} strokeWidth={1.75} aria-hidden className="text-text-3" />
          </button>
        }
      >
        {(close) => (
          <TimePicker
            wall={first?.wall.slice(0, 16) ?? wallOf(nextHour(typed), zone)}
            zone={zone}
            zones={zonesOf(composer)}
            onPlanned={(planned) => {
              setWhen({ mode: "at", planned });
              close();
            }}
          />
        )}
      </Popover>
      {error || past ? (
        <div className="mt-1">
          <FieldError>{error ?? t("compose.past")}</FieldError>
        </div>
      ) : null}
      {first ? <Elsewhere planned={first} /> : null}
      {first && first.shift !== "none" ? (
        <p role="status" className="mt-1.5 flex items-start gap-1.5 text-meta text-warn-fg">
          <TriangleAlert size={13} strokeWidth={2} aria-hidden className="mt-0.5 shrink-0" />
          {t(first.shift === "gap" ? "compose.shift_gap" : "compose.shift_overlap", {
            wall: first.wall.slice(11, 16),
            day: shortDay(first.at, zone),
            zone: zoneCity(zone),
            time: clock(first.at, zone),
          })}
        </p>
      ) : null}
      <ul className="mt-2 flex flex-col gap-px">
        <Slot
          time={t(asks ? "compose.when_approved" : "compose.when_now")}
          chosen={when.mode === "approved"}
          onChoose={() => setWhen({ mode: "approved" })}
        />
        {slots.data?.map(({ planned }, at) => (
          <Slot
            key={planned.at}
            time={slotTime(planned)}
            words={t(at === 0 ? "compose.slot_next" : "compose.slot_free")}
            chosen={when.mode === "at" && when.planned.at === planned.at}
            onChoose={() => setWhen({ mode: "at", planned })}
          />
        ))}
        {best
          ? nextStrongest(best, typed, 2).map((at, nth) => {
              const planned = plannedAt(at, persona.profile.zone);
              const effect = effectAt(best, at)?.effect ?? 0;
              return (
                <Slot
                  key={planned.at}
                  time={slotTime(planned)}
                  words={t(nth === 0 ? "compose.best_week" : "compose.best_second", {
                    percent: signed(effect),
                  })}
                  hint={basis(best)}
                  chosen={when.mode === "at" && when.planned.at === planned.at}
                  onChoose={() => setWhen({ mode: "at", planned })}
                />
              );
            })
          : null}
      </ul>
      {slots.data?.length === 0 ? (
        <p className="mt-1 text-meta text-text-3">{t("compose.no_slots")}</p>
      ) : null}
      {when.mode === "own" ? <OwnTimes /> : null}
      {first ? <KeptThere at={first.at} now={typed} /> : null}
      <div className="mt-2.5 flex items-center justify-between gap-2 text-meta text-text-2">
        <span>{t("compose.grace")}</span>
        <Select
          look="filter"
          label={t("compose.grace_label")}
          value={String(grace)}
          onChange={(value) => setGrace(Number(value))}
          choices={[...new Set([...GRACES, grace, DEFAULT_GRACE])]
            .sort((a, b) => a - b)
            .map((minutes) => ({ value: String(minutes), label: graceWords(minutes, t) }))}
        />
      </div>
    </section>
  );
}

/** Networks that can keep the time themselves, so that this computer may be off. */
function KeptThere({ at, now }: { at: string; now: number }) {
  const { t } = useTranslation();
  const names = useNames();
  const { accounts, body, nameOf, handOff, setHandOff, views } = useComposer();
  const able = accounts.filter(
    (account) => body.targets.includes(account.id) && account.keeps_time !== undefined,
  );
  if (able.length === 0) return null;
  const network = names([...new Set(able.map((account) => nameOf(account.network)))]);
  const single = able.filter(
    ({ id }) => (views.find((view) => view.identity === id)?.segments.length ?? 1) === 1,
  );
  const why =
    single.length === 0
      ? t("compose.hand_off_thread", { network })
      : single.every((account) => !canHandOff(account, at, now))
        ? t("compose.hand_off_near", { count: Math.max(...able.map((a) => a.keeps_time ?? 0)) })
        : t("compose.hand_off_more", { network });
  return (
    <div className="mt-2.5 text-meta text-text-2">
      <div className="flex items-center justify-between gap-2">
        <span>{t("compose.hand_off", { network })}</span>
        <Switch on={handOff} label={t("compose.hand_off", { network })} onChange={setHandOff} />
      </div>
      {handOff ? <p className="mt-1 text-text-3">{why}</p> : null}
    </div>
  );
}

function graceWords(minutes: number, t: TFunction): string {
  return minutes % 60 === 0
    ? t("compose.hours", { count: minutes / 60 })
    : t("compose.minutes", { count: minutes });
}

/** An instant as a plan in a zone. */
function plannedAt(at: number, zone: string): Planned {
  return { at: new Date(at).toISOString(), zone, wall: wallOf(at, zone), shift: "none" };
}

function nextHour(now: number): number {
  return Math.ceil((now + 60_000) / 3_600_000) * 3_600_000;
}

function slotTime(planned: Planned): string {
  const day = dayKey(planned.at, planned.zone);
  const time = clock(planned.at, planned.zone);
  if (day === dayKey(Date.now(), planned.zone)) return time;
  const near = Date.parse(planned.at) - Date.now() < 6 * 86_400_000;
  return near
    ? `${weekday(planned.at, planned.zone)} ${time}`
    : `${shortDay(planned.at, planned.zone)}, ${time}`;
}

/** Zones worth offering: the persona's, its audiences', this computer's. */
function zonesOf({ persona }: Pick<ReturnType<typeof useComposer>, "persona">): string[] {
  return [
    ...new Set([
      persona.profile.zone,
      machineZone(),
      ...persona.profile.audiences.flatMap((audience) => audience.zones),
    ]),
  ].filter(Boolean);
}

/** `Berlin. 13:30 in Nairobi, 05:30 in Lima.` */
function Elsewhere({ planned }: { planned: Planned }) {
  const { t } = useTranslation();
  const { persona } = useComposer();
  const { at, zone } = planned;
  const others = [
    ...new Set([machineZone(), ...persona.profile.audiences.flatMap((audience) => audience.zones)]),
  ].filter((other) => zonesDiffer(zone, other, at));
  const words = others.map((other) => {
    const time =
      dayKey(at, other) === dayKey(at, zone)
        ? clock(at, other)
        : `${weekday(at, other)} ${clock(at, other)}`;
    return t("compose.time_in", { time, zone: zoneCity(other) });
  });
  return (
    <p className="tnum mt-1.5 text-meta text-text-2">
      {zoneCity(zone)}.{words.length > 0 ? ` ${words.join(", ")}.` : ""}
    </p>
  );
}

function Slot({
  time,
  words,
  hint,
  chosen,
  onChoose,
}: {
  time: string;
  words?: string;
  /** What it is known from. */
  hint?: string;
  chosen: boolean;
  onChoose: () => void;
}) {
  return (
    <li>
      <button
        type="button"
        aria-pressed={chosen}
        title={hint}
        onClick={onChoose}
        className={clsx(
          "flex h-[26px] w-full items-center gap-3 rounded-control px-2 text-left text-meta",
          chosen ? "bg-accent-soft text-accent-text" : "text-text-2 hover:bg-hover",
        )}
      >
        <span className={clsx("tnum whitespace-nowrap", words && "min-w-16 font-medium")}>
          {time}
        </span>
        {words ? <span className="ellipsis">{words}</span> : null}
        {chosen ? (
          <Check size={13} strokeWidth={2} aria-hidden className="ml-auto shrink-0" />
        ) : null}
      </button>
    </li>
  );
}

/** Planned at different times elsewhere: shown as they are. */
function OwnTimes() {
  const { t } = useTranslation();
  const { when, accounts, nameOf } = useComposer();
  if (when.mode !== "own") return null;
  return (
    <ul className="mt-1.5 text-meta text-text-2">
      {Object.entries(when.planned).map(([identity, planned]) => {
        const network = accounts.find((account) => account.id === identity)?.network ?? "";
        return (
          <li key={identity} className="flex h-6 items-center justify-between gap-2">
            <span>{nameOf(network)}</span>
            <span className="tnum">
              {planned
                ? `${shortDay(planned.at, planned.zone)}, ${clock(planned.at, planned.zone)}`
                : t("compose.when_approved")}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
