import { clsx } from "clsx";
import { Pause, Play, Plus, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account, Slot } from "@/bindings";
import { Button, Field, Heading, IconButton } from "@/shared";
import { zoneCity } from "@/shared/time";
import { AutomationEditor } from "./automation";
import type { Draft } from "./draft";
import { sortedSlots } from "./draft";
import { DayTrack } from "./week";
import { minuteOf, wallOf, weekdayName } from "./weekday";

/** When the persona usually posts, day by day, and what Rostrum does when a slot stays empty. */
export function SlotsEditor({ draft, accounts }: { draft: Draft; accounts: readonly Account[] }) {
  const { t } = useTranslation();
  const { slots, zone } = draft.draft;
  const set = (next: readonly Slot[]) => draft.edit({ slots: sortedSlots([...next]) });
  return (
    <div className="max-w-4xl px-6 py-5 max-sm:px-4">
      <Heading
        fact={t("slots.a_week", { count: slots.length })}
        aside={t("slots.zone", { city: zoneCity(zone) })}
      >
        {t("slots.title")}
      </Heading>
      <ul className="mt-2">
        {[1, 2, 3, 4, 5, 6, 7].map((day) => (
          <Day
            key={day}
            day={day}
            slots={slots.filter((one) => one.weekday === day)}
            hue={draft.draft.hue}
            onChange={(own) => set([...slots.filter((one) => one.weekday !== day), ...own])}
            onEveryDay={(minute) =>
              set([...slots, ...[1, 2, 3, 4, 5].map((weekday) => ({ weekday, minute }))])
            }
          />
        ))}
      </ul>
      <AutomationEditor draft={draft} accounts={accounts} />
    </div>
  );
}

/** Paused, or in use again. */
function turned({ weekday, minute, paused }: Slot): Slot {
  return { weekday, minute, ...(paused ? {} : { paused: true }) };
}

function Day({
  day,
  slots,
  hue,
  onChange,
  onEveryDay,
}: {
  day: number;
  slots: readonly Slot[];
  hue: Draft["draft"]["hue"];
  onChange: (slots: Slot[]) => void;
  onEveryDay: (minute: number) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const name = weekdayName(day);
  const add = () => {
    const minute = minuteOf(text);
    if (minute === undefined) return;
    onChange([...slots, { weekday: day, minute }]);
    setText("");
  };
  const last = slots.at(-1);
  return (
    <li
      aria-label={name}
      className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-1.5"
    >
      <span className="w-9 text-meta text-text-2">{name}</span>
      <DayTrack
        slots={slots.filter((slot) => !slot.paused)}
        hue={hue}
        className="max-w-60 basis-40 max-md:hidden"
      />
      <span className="flex flex-1 flex-wrap items-center gap-1.5">
        {slots.map((slot) => (
          <span
            key={slot.minute}
            className={clsx(
              "tnum inline-flex h-6 items-center rounded-chip bg-hover pl-2 text-meta",
              slot.paused && "text-text-3",
            )}
          >
            <span className={slot.paused ? "line-through" : undefined}>{wallOf(slot.minute)}</span>
            {slot.paused ? <span className="ml-1.5">{t("slots.paused")}</span> : null}
            <IconButton
              size="row"
              label={t(slot.paused ? "slots.resume" : "slots.pause", {
                day: name,
                time: wallOf(slot.minute),
              })}
              icon={
                slot.paused ? (
                  <Play size={11} strokeWidth={2} aria-hidden />
                ) : (
                  <Pause size={11} strokeWidth={2} aria-hidden />
                )
              }
              onClick={() => onChange(slots.map((one) => (one === slot ? turned(one) : one)))}
            />
            <IconButton
              size="row"
              label={t("slots.remove", { day: name, time: wallOf(slot.minute) })}
              icon={<X size={12} strokeWidth={2} aria-hidden />}
              onClick={() => onChange(slots.filter((one) => one !== slot))}
            />
          </span>
        ))}
        <form
          className="inline-flex items-center gap-1"
          onSubmit={(event) => {
            event.preventDefault();
            add();
          }}
        >
          <Field
            placeholder="18:30"
            inputMode="numeric"
            aria-label={t("slots.add_on", { day: name })}
            value={text}
            onText={setText}
            className="tnum h-6! text-meta!"
            boxClassName="w-16"
          />
          <IconButton
            size="row"
            kind="plain"
            label={t("slots.add_on", { day: name })}
            icon={<Plus size={13} strokeWidth={2} aria-hidden />}
            onClick={add}
          />
        </form>
      </span>
      {day === 1 && last ? (
        <Button size="row" kind="ghost" onClick={() => onEveryDay(last.minute)}>
          {t("slots.every_day", { time: wallOf(last.minute) })}
        </Button>
      ) : null}
    </li>
  );
}
