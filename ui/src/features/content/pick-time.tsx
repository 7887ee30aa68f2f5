import { useTranslation } from "react-i18next";
import type { Planned } from "@/bindings";
import { useAnswer } from "@/data";
import { clock, Dialog, machineZone, shortDay } from "@/shared";
import { TimePicker } from "../compose/inspector/time-picker";
import { wallOf } from "../compose/when";

/** A new time: a free slot, or any. */
export function PickTime({
  open,
  onClose,
  persona,
  planned,
  onPlanned,
}: {
  open: boolean;
  onClose: () => void;
  persona: string;
  planned: Planned | undefined;
  onPlanned: (planned: Planned) => void;
}) {
  const { t } = useTranslation();
  const slots = useAnswer({ type: "free_slots", persona, limit: 3 }, { enabled: open });
  const zone = planned?.zone ?? slots.data?.[0]?.planned.zone ?? machineZone();
  const future =
    planned && Date.parse(planned.at) > Date.now() ? planned.wall.slice(0, 16) : undefined;
  const take = (next: Planned) => {
    onPlanned(next);
    onClose();
  };
  return (
    <Dialog open={open} onClose={onClose} title={t("content.pick_time")} width={300}>
      {slots.data && slots.data.length > 0 ? (
        <ul className="mb-3 border-b border-line pb-2">
          {slots.data.map((slot) => (
            <li key={slot.planned.at}>
              <button
                type="button"
                onClick={() => take(slot.planned)}
                className="-mx-2 flex h-7 w-[calc(100%+16px)] items-center gap-3 rounded-control px-2 text-left hover:bg-hover"
              >
                <span className="tnum font-medium">
                  {shortDay(slot.planned.at, slot.planned.zone)},{" "}
                  {clock(slot.planned.at, slot.planned.zone)}
                </span>
                <span className="text-meta text-text-3">{t("compose.slot_free")}</span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      <TimePicker
        wall={future ?? wallOf(Math.ceil((Date.now() + 60_000) / 3_600_000) * 3_600_000, zone)}
        zone={zone}
        zones={[zone, machineZone()]}
        onPlanned={take}
      />
    </Dialog>
  );
}
