import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CalendarEntry, DeliveryStatus, Planned } from "@/bindings";
import { useChange, useCore } from "@/data";
import { brief, say } from "@/shared";
import { clock, shortDay } from "@/shared/time";
import { sayProblem } from "@/shell/problem";
import { entryKey } from "./moving";

const movable: readonly DeliveryStatus[] = ["planned", "due", "handed_off", "missed", "held"];

/** Where an entry stands until the core has said so itself. */
export interface Pending {
  key: string;
  planned: Planned;
}

/**
 * Moves entries: the core resolves the wall time (changes of clocks), each delivery is moved from
 * where it stood when the person decided, and a toast offers to move it back.
 */
export function useMove(zone: string) {
  const { t } = useTranslation();
  const core = useCore();
  const change = useChange();
  const [pending, setPending] = useState<Pending>();

  const send = async (deliveries: readonly string[], expected: string, planned: Planned) => {
    let voided = false;
    for (const delivery of deliveries) {
      const { notices } = await change.mutateAsync({
        mutation: { type: "move_delivery", delivery, expected, planned },
      });
      voided ||= notices.includes("approval_voided");
    }
    return voided;
  };

  const moveTo = async (entry: CalendarEntry, to: Planned) => {
    if (to.at === entry.planned.at) return;
    const from = entry.planned;
    const deliveries = entry.targets
      .filter((one) => movable.includes(one.status))
      .map((one) => one.delivery);
    setPending({ key: entryKey(entry), planned: to });
    try {
      const voided = await send(deliveries, from.at, to);
      const when = `${shortDay(to.at, zone)}, ${clock(to.at, zone)}`;
      say({
        // Only the newest of several steps is worth reading.
        id: `move:${deliveries[0]}`,
        text: t(voided ? "calendar.moved_voided" : "calendar.moved", {
          title: brief(entry.headline),
          when,
        }),
        glyph: "clock",
        tone: voided ? "warn" : "info",
        action: {
          label: t("common.undo"),
          keys: "Mod+Z",
          onAct: () => {
            setPending(undefined);
            void send(deliveries, to.at, from).catch((error) => sayProblem(error));
          },
        },
      });
    } catch (error) {
      setPending(undefined);
      sayProblem(error);
    }
  };

  const moveToWall = async (entry: CalendarEntry, wall: string, inZone = entry.planned.zone) => {
    try {
      const planned = (await core.query({ type: "resolve_time", wall, zone: inZone })) as Planned;
      await moveTo(entry, planned);
    } catch (error) {
      sayProblem(error);
    }
  };

  return { moveTo, moveToWall, pending, settle: () => setPending(undefined) };
}

export type Move = ReturnType<typeof useMove>;
