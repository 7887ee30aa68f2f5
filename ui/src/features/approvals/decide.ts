import { useTranslation } from "react-i18next";
import type { RequestDetail, StageView, Verdict } from "@/bindings";
import { newId, useChange } from "@/data";
import { problemOf } from "@/platform";
import { brief, say } from "@/shared";

/** Whose word a decision is; absent means the person who uses this computer. */
export interface Actor {
  id: string;
  name: string;
}

const done: Record<
  Verdict,
  { glyph: "ring-check" | "arrow-back" | "ring-slash"; tone: "ok" | "warn" | "bad" }
> = {
  approve: { glyph: "ring-check", tone: "ok" },
  request_changes: { glyph: "arrow-back", tone: "warn" },
  reject: { glyph: "ring-slash", tone: "bad" },
};

/** The stage that is asked now. */
export function askedStage(request: RequestDetail): StageView | undefined {
  return request.stages.find((stage) => stage.index === request.stage);
}

/** Who, other than me, has a seat in the asked stage and has not decided there. */
export function othersWithSeat(request: RequestDetail, me: string | undefined): Actor[] {
  const stage = askedStage(request);
  if (!stage || request.status !== "open") return [];
  const decided = new Set(
    stage.decisions.filter((one) => !one.revoked).map((one) => one.person.id),
  );
  return stage.seats.filter((seat) => seat.id !== me && !decided.has(seat.id));
}

/**
 * Decides at once; for six seconds a toast offers to take it back, and History does for as long as
 * nothing was sent.
 */
export function useDecide() {
  const { t } = useTranslation();
  const change = useChange();

  const fail = (error: unknown, title: string) => {
    const problem = problemOf(error);
    say({
      text: t("approvals.not_taken", {
        title,
        why: t(`problem.${problem.code}`),
      }),
      tone: "bad",
      glyph: "ring-cross",
    });
  };

  // Awaited, not called back: the request that was decided is no longer shown by then.
  const takeBack = async (decision: string, title: string, acting?: string) => {
    try {
      await change.mutateAsync({
        mutation: { type: "revoke_decision", decision },
        ...(acting ? { acting } : {}),
      });
      say({ text: t("approvals.taken_back", { title }), glyph: "arrow-back" });
    } catch (error) {
      fail(error, title);
    }
  };

  const decide = async (
    request: RequestDetail,
    verdict: Verdict,
    comment: string,
    acting: Actor | undefined,
  ): Promise<boolean> => {
    const id = newId();
    const away = acting ? undefined : request.away;
    const title = brief(request.row.headline);
    try {
      const { notices } = await change.mutateAsync({
        mutation: {
          type: "decide",
          id,
          request: request.id,
          hash: request.hash,
          ...(request.stage === undefined ? {} : { stage: request.stage }),
          verdict,
          comment,
          ...(away ? { away: away.id } : {}),
        },
        ...(acting ? { acting: acting.id } : {}),
      });
      // What goes out at once cannot be taken back.
      const goes = notices.includes("goes_out");
      const said = notices.includes("time_passed")
        ? t("approvals.said.time_passed", { title })
        : away && !goes
          ? t(`approvals.said_as.${verdict}`, { title, person: away.name })
          : goes && !acting
            ? t("approvals.said.goes_out", { title })
            : acting
              ? t(`approvals.said_as.${verdict}`, { title, person: acting.name })
              : t(`approvals.said.${verdict}`, { title });
      say({
        text: said,
        ...done[verdict],
        ...(goes
          ? {}
          : {
              action: {
                label: t("common.undo"),
                keys: "Mod+Z",
                onAct: () => void takeBack(id, title, acting?.id),
              },
            }),
      });
      return true;
    } catch (error) {
      fail(error, title);
      return false;
    }
  };

  return { decide, takeBack, busy: change.isPending };
}
