import { useTranslation } from "react-i18next";
import type {
  Applied,
  ContentDetail,
  Mutation,
  Notice,
  Planned,
  UnconfirmedAnswer,
} from "@/bindings";
import { newId, useCore } from "@/data";
import { clock, say, shortDay } from "@/shared";
import { sayGoing, sayProblem, useGo } from "@/shell";
import { canMove } from "../compose/when";

export interface Verbs {
  duplicate: () => void;
  archive: (archived: boolean) => void;
  /** Takes back all that has not gone out. */
  cancelAll: (() => void) | undefined;
  cancel: (delivery: string) => void;
  withdraw: (() => void) | undefined;
  sendNow: (delivery: string) => void;
  move: (delivery: string, expected: Planned | undefined, planned: Planned) => void;
  answer: (delivery: string, answer: UnconfirmedAnswer) => void;
  remove: (delivery: string) => void;
  /** Deletes what is out; a draft with its words comes first. */
  redraft: (delivery: string) => void;
  /** Puts the newest version in the place of what is out. */
  update: (delivery: string) => void;
  cancelUpdate: (delivery: string) => void;
  restore: (from: number) => void;
  takeBack: (decision: string, person: string) => void;
  readCounts: () => void;
  /** Lets what is held for a budget go out all the same. */
  passBudget: (delivery: string) => void;
  nextMonth: (delivery: string) => void;
}

/** What can be done with a content, each said in a toast where it can be undone or failed. */
export function useVerbs(detail: ContentDetail): Verbs {
  const { t } = useTranslation();
  const core = useCore();
  const go = useGo();
  const { row, deliveries } = detail;
  const content = row.id;

  const notices = (list: readonly Notice[]) => {
    for (const notice of list) {
      if (notice !== "granted_at_once") {
        say({ text: t(`notice.${notice}`), tone: "warn", glyph: "ring-dot" });
      }
    }
  };
  const change = async (mutation: Mutation, done?: (applied: Applied) => void) => {
    try {
      const applied = await core.mutate({ id: newId(), mutation });
      done?.(applied);
      notices(applied.notices);
    } catch (error) {
      sayProblem(error, () => void change(mutation, done));
    }
  };
  const waiting = deliveries.filter(({ target }) => canMove(target.status));
  const duplicate = async () => {
    const id = newId();
    try {
      await core.act({ type: "duplicate", content, id });
      say({ text: t("compose.done.duplicated"), tone: "ok", glyph: "ring-check" });
      go({ type: "edit", id });
    } catch (error) {
      sayProblem(error, () => void duplicate());
    }
  };
  const redraft = async (delivery: string) => {
    const id = newId();
    try {
      await core.act({ type: "redraft", delivery, id });
      say({ text: t("content.done.redrafted"), tone: "ok", glyph: "ring-check" });
      go({ type: "edit", id });
    } catch (error) {
      sayProblem(error, () => void redraft(delivery));
    }
  };
  const archive = (archived: boolean) =>
    void change({ type: "archive_content", content, archived }, () => {
      say({
        text: archived ? t("compose.done.archived") : t("content.done.unarchived"),
        glyph: "box",
        action: { label: t("compose.undo"), keys: "Mod+Z", onAct: () => archive(!archived) },
      });
    });
  const cancel = (ids: string[]) =>
    void change({ type: "cancel_deliveries", deliveries: ids }, (applied) => {
      if (applied.notices.includes("asked_back")) return;
      say({ text: t("content.done.cancelled", { count: ids.length }), glyph: "ring-cross" });
    });
  const request = detail.request?.status === "open" ? detail.request : undefined;
  const readCounts = async () => {
    try {
      await core.act({ type: "refresh_metrics", content });
    } catch (error) {
      sayProblem(error, () => void readCounts());
    }
  };

  return {
    passBudget: (delivery) =>
      void change({ type: "pass_budget", delivery }, () =>
        sayGoing(delivery, t("today.sending_again")),
      ),
    nextMonth: (delivery) =>
      void change({ type: "move_to_next_month", delivery }, () =>
        say({ text: t("budget.moved"), tone: "ok", glyph: "ring-check" }),
      ),
    duplicate: () => void duplicate(),
    archive,
    cancelAll:
      waiting.length > 0 ? () => cancel(waiting.map(({ target }) => target.delivery)) : undefined,
    cancel: (delivery) => cancel([delivery]),
    withdraw: request
      ? () =>
          void change({ type: "withdraw_request", request: request.id }, () =>
            say({ text: t("content.done.withdrawn"), glyph: "arrow-back" }),
          )
      : undefined,
    sendNow: (delivery) =>
      void change({ type: "send_now", delivery }, () =>
        sayGoing(delivery, t("content.done.sending")),
      ),
    move: (delivery, expected, planned) =>
      void change(
        {
          type: "move_delivery",
          delivery,
          planned,
          ...(expected ? { expected: expected.at } : {}),
        },
        () =>
          say({
            text: t("content.done.moved", {
              day: shortDay(planned.at, planned.zone),
              time: clock(planned.at, planned.zone),
            }),
            tone: "info",
            glyph: "clock",
          }),
      ),
    answer: (delivery, answer) =>
      void change({ type: "answer_unconfirmed", delivery, answer }, () =>
        say({ text: t(`content.done.${answer.type}`), glyph: "ring-check" }),
      ),
    remove: (delivery) =>
      void change({ type: "delete_published", deliveries: [delivery] }, () =>
        say({ text: t("content.done.deleting"), tone: "run", glyph: "arrow-up" }),
      ),
    redraft: (delivery) => void redraft(delivery),
    update: (delivery) =>
      void change({ type: "update_published", deliveries: [delivery] }, () =>
        say({ text: t("content.done.updating"), tone: "run", glyph: "arrow-up" }),
      ),
    cancelUpdate: (delivery) =>
      void change({ type: "cancel_update", delivery }, () =>
        say({ text: t("content.done.update_stopped"), glyph: "ring-cross" }),
      ),
    restore: (from) =>
      void change({ type: "restore_version", content, from, n: row.n + 1 }, () =>
        say({ text: t("compose.done.restored", { n: from }), tone: "ok", glyph: "ring-check" }),
      ),
    takeBack: (decision) => void change({ type: "revoke_decision", decision }),
    readCounts: () => void readCounts(),
  };
}
