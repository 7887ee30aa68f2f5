import { useDraggable } from "@dnd-kit/core";
import { clsx } from "clsx";
import { useTranslation } from "react-i18next";
import type { CalendarEntry } from "@/bindings";
import {
  contentLook,
  deliveryLook,
  Glyph,
  NetworkTile,
  networkName,
  Popover,
  Slant,
  type Tone,
  toneDot,
} from "@/shared";
import { clock, longDay } from "@/shared/time";
import { useCalendar } from "./context";
import { EntryCard } from "./entry-card";
import { entryKey, stepOf } from "./moving";

/** What one sees first: the delivery that needs a person, else the content's status. */
export function lookOf(entry: CalendarEntry) {
  const loud = entry.targets.find((one) =>
    ["unconfirmed", "failed", "missed", "held", "sending", "due"].includes(one.status),
  );
  return loud ? deliveryLook[loud.status] : contentLook[entry.status];
}

const grounds: Partial<Record<Tone, string>> = {
  ask: "bg-ask-bg",
  bad: "bg-bad-bg",
  warn: "bg-warn-bg",
  review: "bg-review-bg",
};

/** A calendar entry: two lines, or one where the day is full. Ground only for what needs a person. */
export function Entry({
  entry,
  form,
  tab,
}: {
  entry: CalendarEntry;
  form: "two" | "one";
  /** Whether Tab reaches it: only those of the day that has the focus. */
  tab: boolean;
}) {
  const { t } = useTranslation();
  const { zone, view, move } = useCalendar();
  const key = entryKey(entry);
  const { listeners, setNodeRef, isDragging } = useDraggable({
    id: key,
    data: { entry },
    disabled: !entry.movable,
  });
  const look = lookOf(entry);
  const time = clock(entry.planned.at, zone);
  const site = t("network.site");
  const networks = [...new Set(entry.targets.map((one) => one.network))];
  const status = t(`status.content.${entry.status}`);
  const name = t("calendar.entry_name", {
    time,
    title: entry.headline,
    persona: entry.persona.name,
    status,
    networks: networks.map((id) => networkName(id, site)).join(", "),
  });
  const byKey = (event: React.KeyboardEvent) => {
    if (!event.altKey || !entry.movable) return;
    const step = stepOf(event.key, view);
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    if ("days" in step) move.byDays(entry, step.days);
    else move.byMinutes(entry, step.minutes);
  };
  return (
    <div ref={setNodeRef} {...listeners} className={clsx("min-w-0", isDragging && "opacity-40")}>
      <Popover
        label={entry.headline}
        className="w-80"
        trigger={
          <button
            type="button"
            data-entry={key}
            tabIndex={tab ? 0 : -1}
            aria-label={name}
            title={`${longDay(entry.planned.at, zone)}, ${time}`}
            onKeyDown={byKey}
            className={clsx(
              "flex w-full min-w-0 items-center gap-1.5 rounded-key px-1 text-left text-meta outline-offset-0! hover:bg-hover",
              form === "two" ? "h-9" : "h-5",
              entry.needs_person && grounds[look.tone],
              entry.movable && "cursor-grab",
            )}
          >
            <Slant hue={entry.persona.hue} height={form === "two" ? 27 : 12} className="mx-[3px]" />
            {form === "two" ? (
              <span className="min-w-0 flex-1">
                <span className="flex items-center gap-1.5 leading-[15px] text-text-2">
                  <Glyph name={look.glyph} size={11} className={toneDot[look.tone]} />
                  <span className="tnum">{time}</span>
                  <span className="ml-auto flex overflow-hidden max-xl:[&>*:nth-child(n+3)]:hidden">
                    {networks.slice(0, 4).map((id) => (
                      <NetworkTile
                        key={id}
                        network={id}
                        name={networkName(id, site)}
                        size={19}
                        className="bg-transparent! text-text-3! font-normal!"
                      />
                    ))}
                  </span>
                </span>
                <span className="ellipsis block leading-4 text-text" dir="auto">
                  {entry.headline}
                </span>
              </span>
            ) : (
              <>
                <Glyph name={look.glyph} size={11} className={toneDot[look.tone]} />
                <span className="tnum text-text-2">{time}</span>
                <span className="ellipsis flex-1 text-text" dir="auto">
                  {entry.headline}
                </span>
              </>
            )}
          </button>
        }
      >
        {(close) => <EntryCard entry={entry} close={close} />}
      </Popover>
    </div>
  );
}
