import { useTranslation } from "react-i18next";
import type { CalendarEntry } from "@/bindings";
import { Glyph, NetworkTiles, Slant, toneDot } from "@/shared";
import { effectAt, signed } from "@/shared/best-hours";
import { useBasis } from "@/shared/best-words";
import { clock, dayAndClock, longDay } from "@/shared/time";
import { useCalendar } from "./context";
import { lookOf } from "./entry";
import { CoverLine } from "./entry-card";
import { coverOf } from "./moving";

/** Where what is dragged would go. */
export interface Target {
  at: number;
  /** Why there: it snaps to a free slot, or keeps its time of day. */
  why?: "to_slot" | "same_wall";
}

/** Beside the pointer: what is dragged, where it would go, and what that means for its approval. */
export function DragTip({ entry, target }: { entry: CalendarEntry; target: Target | undefined }) {
  const { t } = useTranslation();
  const { zone } = useCalendar();
  const look = lookOf(entry);
  return (
    <div className="w-60">
      <div className="rounded-card bg-raised px-2.5 py-2 text-meta shadow-float">
        <p className="flex items-center gap-2 font-strong text-text">
          <Slant hue={entry.persona.hue} height={12} />
          <Glyph name={look.glyph} size={12} className={toneDot[look.tone]} />
          <span className="ellipsis">{entry.headline}</span>
        </p>
        <p className="mt-0.5 flex items-center gap-2 text-text-2">
          <span className="tnum line-through">{dayAndClock(entry.planned.at, zone)}</span>
          <NetworkTiles
            networks={[...new Set(entry.targets.map((one) => one.network))]}
            siteWord={t("network.site")}
          />
        </p>
      </div>
      {target ? (
        <div
          role="status"
          className="mt-2 rounded-card bg-raised px-2.5 py-2 text-meta shadow-float"
        >
          <p className="tnum font-strong">
            {longDay(target.at, zone)}, {clock(target.at, zone)}
          </p>
          <Effect entry={entry} at={target.at} />
          {target.why ? <p className="text-text-2">{t(`calendar.${target.why}`)}</p> : null}
          <Covered entry={entry} at={target.at} />
        </div>
      ) : null}
    </div>
  );
}

/** What the hour is worth, where that is known. */
function Effect({ entry, at }: { entry: CalendarEntry; at: number }) {
  const { t } = useTranslation();
  const { best } = useCalendar();
  const known = best.find((one) => one.persona === entry.persona.id);
  const effect = effectAt(known, at);
  const basis = useBasis();
  if (!known || !effect) return null;
  return (
    <p className="text-text-2">
      {t("calendar.best.effect", { percent: signed(effect.effect) })} {basis(known)}
    </p>
  );
}

function Covered({ entry, at }: { entry: CalendarEntry; at: number }) {
  const cover = coverOf(entry, at);
  return cover === "none" ? null : <CoverLine cover={cover} />;
}
