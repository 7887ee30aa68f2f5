import { clsx } from "clsx";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Planned } from "@/bindings";
import { useAnswer } from "@/data";
import { Button, clock, dayKey, Field, IconButton, Select, shortDay, zoneCity } from "@/shared";
import { monthGrid, plusDays, plusMonths, readTime, wallParts } from "../when";

/**
 * A day, a time, a zone. The instant is the core's: it knows the hours in which clocks change.
 */
export function TimePicker({
  wall,
  zone: first,
  zones,
  onPlanned,
  action,
}: {
  wall: string;
  zone: string;
  zones: readonly string[];
  onPlanned: (planned: Planned) => void;
  /** The word on the button. */
  action?: string;
}) {
  const { t, i18n } = useTranslation();
  const [day, setDay] = useState(wallParts(wall).day);
  const [typed, setTyped] = useState(wallParts(wall).time);
  const [zone, setZone] = useState(first);
  const time = readTime(typed);
  const resolved = useAnswer(
    { type: "resolve_time", wall: `${day}T${time ?? "00:00"}`, zone },
    { enabled: time !== undefined, keep: true },
  );
  const planned = time && !resolved.isPlaceholderData ? resolved.data : undefined;
  const past = planned !== undefined && Date.parse(planned.at) < Date.now();
  const language = i18n.resolvedLanguage === "en" ? "en-GB" : i18n.resolvedLanguage;
  const date = (key: string) => new Date(`${key}T00:00:00Z`);
  const form = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" });
  const today = dayKey(Date.now(), zone);
  const days = monthGrid(day);
  const grid = useRef<HTMLDivElement>(null);
  const steer = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus follows the day that keys chose
  useEffect(() => {
    if (!steer.current) return;
    steer.current = false;
    grid.current?.querySelector<HTMLElement>("[data-day-chosen]")?.focus();
  }, [day]);

  const onKey = (event: KeyboardEvent) => {
    const to = dayAfterKey(day, event.key);
    if (!to) return;
    event.preventDefault();
    steer.current = true;
    setDay(to);
  };
  // Enter may come before the core has said which instant the time is.
  const [wanted, setWanted] = useState(false);
  const put = () => {
    if (!planned) setWanted(time !== undefined);
    else if (!past) onPlanned(planned);
  };
  useEffect(() => {
    if (!wanted || (!planned && !resolved.error)) return;
    setWanted(false);
    if (planned && !past) onPlanned(planned);
  }, [wanted, planned, past, resolved.error, onPlanned]);

  return (
    <form
      className="flex w-[256px] flex-col gap-2.5"
      onSubmit={(event) => {
        event.preventDefault();
        put();
      }}
    >
      <div className="flex items-center justify-between">
        <h2 aria-live="polite" className="font-strong">
          {form({ month: "long", year: "numeric" }).format(date(day))}
        </h2>
        <span className="flex">
          <IconButton
            size="row"
            label={t("compose.month_before")}
            icon={<ChevronLeft size={15} strokeWidth={2} aria-hidden />}
            onClick={() => setDay(plusMonths(day, -1))}
          />
          <IconButton
            size="row"
            label={t("compose.month_after")}
            icon={<ChevronRight size={15} strokeWidth={2} aria-hidden />}
            onClick={() => setDay(plusMonths(day, 1))}
          />
        </span>
      </div>
      <div
        ref={grid}
        role="group"
        aria-label={t("compose.days")}
        onKeyDown={onKey}
        className="grid grid-cols-7 text-center"
      >
        {days.slice(0, 7).map((key) => (
          <span key={key} aria-hidden className="pb-1 text-axis text-text-3">
            {form({ weekday: "narrow" }).format(date(key))}
          </span>
        ))}
        {days.map((key) => (
          <button
            key={key}
            type="button"
            tabIndex={key === day ? 0 : -1}
            data-day-chosen={key === day || undefined}
            aria-current={key === today ? "date" : undefined}
            aria-pressed={key === day}
            aria-label={form({ weekday: "long", day: "numeric", month: "long" }).format(date(key))}
            onClick={() => setDay(key)}
            className={clsx(
              "tnum h-7 rounded-control",
              key === day
                ? "bg-accent font-strong text-on-accent"
                : key < today || key.slice(0, 7) !== day.slice(0, 7)
                  ? "text-text-3 hover:bg-hover"
                  : "hover:bg-hover",
              key === today && key !== day && "font-strong text-accent-text",
            )}
          >
            {Number(key.slice(8))}
          </button>
        ))}
      </div>
      <div className="grid grid-cols-[88px_1fr] gap-2">
        <Field
          label={t("compose.time")}
          value={typed}
          onText={setTyped}
          inputMode="numeric"
          className="tnum"
          aria-invalid={time ? undefined : true}
          onBlur={() => time && setTyped(time)}
        />
        <Select
          label={t("compose.zone")}
          value={zone}
          onChange={setZone}
          choices={[...new Set([zone, ...zones])].map((one) => ({
            value: one,
            label: zoneCity(one),
            name: one,
          }))}
        />
      </div>
      {time === undefined ? (
        <p role="alert" className="text-meta text-bad-fg">
          {t("compose.time_wrong")}
        </p>
      ) : past ? (
        <p role="alert" className="text-meta text-bad-fg">
          {t("compose.past")}
        </p>
      ) : resolved.error ? (
        <p role="alert" className="text-meta text-bad-fg">
          {resolved.error.problem.message}
        </p>
      ) : planned && planned.shift !== "none" ? (
        <p role="status" className="text-meta text-warn-fg">
          {t(planned.shift === "gap" ? "compose.shift_gap" : "compose.shift_overlap", {
            wall: planned.wall.slice(11, 16),
            day: shortDay(planned.at, zone),
            zone: zoneCity(zone),
            time: clock(planned.at, zone),
          })}
        </p>
      ) : null}
      <Button
        kind="primary"
        submit
        off={time === undefined ? t("compose.time_wrong") : past ? t("compose.past") : undefined}
        busy={wanted}
      >
        {action ?? t("compose.use_time")}
      </Button>
    </form>
  );
}

const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** Where a key leads in the grid of days. */
function dayAfterKey(day: string, key: string): string | undefined {
  const step = steps[key];
  if (step !== undefined) return plusDays(day, step);
  if (key === "PageUp") return plusMonths(day, -1);
  return key === "PageDown" ? plusMonths(day, 1) : undefined;
}
