import { useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { type RefObject, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Body, ContentDetail, Notice, Prepared, Saved } from "@/bindings";
import { keyOf, newId, useCore } from "@/data";
import { clock, say, shortDay } from "@/shared";
import { sayGoing, sayProblem } from "@/shell";
import { useGo } from "@/shell/go";
import type { Finding } from "./issues";
import type { Keeper } from "./keeper";
import { sameBody, saysNothing } from "./model";
import { dropRescue } from "./rescue";
import { type Updates, updatesOf } from "./updates";
import type { Composer } from "./use-composer";
import { canMove, firstTime, plansOf, type When } from "./when";

interface Input {
  content: string;
  personaId: string;
  body: Body;
  /** What is typed right now. */
  blank: () => Body;
  base: number;
  setBase: (n: number) => void;
  detail: ContentDetail | undefined;
  when: When;
  timeTouched: boolean;
  grace: number;
  /** Whose network is to keep the time, where that was chosen. */
  keep: ((identity: string) => boolean) | undefined;
  findings: readonly Finding[];
  prepared: Prepared | undefined;
  keeper: RefObject<Keeper<Body> | undefined>;
  known: boolean;
  /** An older version is the newest again: this is now the text. */
  onRestored: (body: Body) => void;
  onSaved: (saved: Body) => void;
  onRefused: (error: unknown) => void;
  /** Saved, but something else was refused. */
  onProblem: (error: unknown) => void;
}

type Verbs = Pick<
  Composer,
  | "busy"
  | "save"
  | "submit"
  | "submitOff"
  | "submitWord"
  | "restore"
  | "duplicate"
  | "writeInCopy"
  | "discard"
  | "archive"
  | "cancelSending"
>;

/** Saving, submitting, and what else can be done with a content. */
export function useSending(input: Input): Verbs {
  const { t } = useTranslation();
  const core = useCore();
  const cache = useQueryClient();
  const go = useGo();
  const [busy, setBusy] = useState<Composer["busy"]>();
  const { content, personaId, body, base, detail, when, grace, prepared, findings, keeper } = input;
  // It began to go out while it was open here.
  const locked = detail !== undefined && !detail.can_edit;
  const stages = prepared?.stages ?? [];
  const deliveries = detail?.deliveries ?? [];
  const updates = updatesOf(detail, body.targets);
  const plans = () => plansOf(when, grace, body.targets, deliveries, newId, input.keep);
  const first = firstTime(when);

  const mutate = (mutation: Parameters<typeof core.mutate>[0]["mutation"]) =>
    core.mutate({ id: newId(), mutation });

  /** Whether the deliveries are to be others than they are. */
  const planChanged = (typed: Body) => {
    const open = deliveries.filter(({ target }) => canMove(target.status));
    const same =
      open.length === typed.targets.length &&
      open.every(({ target }) => typed.targets.includes(target.identity));
    if (typed.targets.length === 0 || updates) return false;
    return input.timeTouched
      ? open.length > 0 || when.mode !== "approved"
      : open.length > 0 && !same;
  };

  /** Saves; what is typed meanwhile stays typed. */
  const saveNow = async () => {
    if (busy || locked) return;
    setBusy("save");
    const typed = input.blank();
    try {
      await keeper.current?.drop();
      const saved = (await core.act({
        type: "save",
        content,
        persona: personaId,
        body: typed,
        base,
      })) as Saved;
      input.setBase(saved.n);
      input.onSaved(typed);
      sayNotices(saved.notices, t);
    } catch (error) {
      input.onRefused(error);
      setBusy(undefined);
      return;
    }
    try {
      if (planChanged(typed)) await mutate({ type: "plan", content, deliveries: plans() });
    } catch (error) {
      input.onProblem(error);
    } finally {
      setBusy(undefined);
    }
  };

  /** Appends version `from` as the newest; what is typed is saved as a version before it. */
  const restoreNow = async (from: number, old: Body) => {
    if (busy || locked) return;
    setBusy("save");
    const typed = input.blank();
    try {
      await keeper.current?.drop();
      let n = base;
      const newest = detail?.version?.doc.body;
      if (!saysNothing(typed) && !(newest && sameBody(typed, newest))) {
        const saved = await core.act({
          type: "save",
          content,
          persona: personaId,
          body: typed,
          base,
        });
        n = (saved as Saved).n;
        input.setBase(n);
        input.onSaved(typed);
      }
      const append = async (which: number, as: number, body: Body) => {
        const { notices } = await mutate({ type: "restore_version", content, from: which, n: as });
        input.setBase(as);
        input.onRestored(body);
        sayNotices(notices, t);
      };
      await append(from, n + 1, old);
      say({
        text: t("compose.done.restored", { n: from }),
        tone: "ok",
        glyph: "ring-check",
        action: {
          label: t("compose.undo"),
          keys: "Mod+Z",
          onAct: () => void append(n, n + 2, typed).catch(input.onProblem),
        },
      });
    } catch (error) {
      input.onRefused(error);
    } finally {
      setBusy(undefined);
    }
  };

  const submitNow = async () => {
    if (busy) return;
    setBusy("submit");
    const typed = input.blank();
    const planned = updates ? [] : plans();
    try {
      await keeper.current?.drop();
      const saved = (await core.act({
        type: "submit",
        content,
        persona: personaId,
        body: typed,
        base,
        deliveries: planned,
        ...(updates ? { updates: updates.deliveries } : {}),
        request: newId(),
      })) as Saved;
      input.setBase(saved.n);
      input.onSaved(typed);
      const asked = stages.length > 0;
      if (!asked && !first && !updates) sayGoing(planned[0]?.id, doneWords());
      else say({ text: doneWords(), tone: "ok", glyph: asked ? "ring-dot" : "ring-check" });
      sayNotices(saved.notices, t);
      // What its place shows next must not be what stood before.
      await cache.refetchQueries({ queryKey: keyOf({ type: "content", id: content }) });
      go({ type: "content", id: content });
    } catch (error) {
      input.onRefused(error);
    } finally {
      setBusy(undefined);
    }
  };

  const doneWords = () => {
    const stage = stages[0];
    if (updates) {
      return stage
        ? t("compose.done.updating_asked", { stage: stage.name })
        : t("compose.done.updating");
    }
    if (stage) return t("compose.done.submitted", { stage: stage.name });
    if (first) {
      return t("compose.done.scheduled", {
        day: shortDay(first.at, first.zone),
        time: clock(first.at, first.zone),
      });
    }
    return t("compose.done.publishing");
  };

  const updateOff = ({ elsewhere, deliveries, current }: Updates) => {
    const newest = detail?.version?.doc.body;
    if (elsewhere) return t("compose.off.elsewhere");
    if (deliveries.length === 0) return t("compose.off.no_update");
    if (current && newest && sameBody(body, newest)) return t("compose.off.unchanged");
    return prepared ? undefined : t("compose.off.counting");
  };
  const fix = findings.filter((finding) => finding.severity === "error").length;
  const blank = saysNothing(body);
  const submitOff = locked
    ? t("compose.off.locked")
    : body.targets.length === 0
      ? t("compose.off.no_targets")
      : blank
        ? t("compose.off.blank")
        : fix > 0
          ? t("compose.off.fix", { count: fix })
          : updates
            ? updateOff(updates)
            : first && Date.parse(first.at) < Date.now()
              ? t("compose.off.past")
              : prepared
                ? undefined
                : t("compose.off.counting");

  const waiting = deliveries.filter(({ target }) => canMove(target.status));
  const cancel = async () => {
    try {
      await mutate({
        type: "cancel_deliveries",
        deliveries: waiting.map(({ target }) => target.delivery),
      });
      say({ text: t("compose.done.cancelled"), glyph: "ring-cross" });
    } catch (error) {
      sayProblem(error, () => void cancel());
    }
  };

  /** Puts away or throws away, and leads out. */
  const leave = async (way: "archive" | "discard") => {
    try {
      const archives = way === "archive" || !detail?.version;
      await keeper.current?.drop();
      dropRescue(content);
      if (!input.known) return go({ type: "compose" }, { replace: true });
      await mutate(
        archives
          ? { type: "archive_content", content, archived: true }
          : { type: "discard_working_copy", content },
      );
      const back = () =>
        mutate(
          archives
            ? { type: "archive_content", content, archived: false }
            : { type: "save_working_copy", content, persona: personaId, body, base },
        ).then(
          () => go({ type: "edit", id: content }),
          (error: unknown) => sayProblem(error),
        );
      say({
        text: way === "archive" ? t("compose.done.archived") : t("compose.done.discarded"),
        glyph: "box",
        action: { label: t("compose.undo"), keys: "Mod+Z", onAct: () => void back() },
      });
      go(
        detail?.version && way === "discard" ? { type: "content", id: content } : { type: "queue" },
      );
    } catch (error) {
      input.onRefused(error);
    }
  };

  const duplicate = async () => {
    try {
      await keeper.current?.flush();
      const id = newId();
      await core.act({ type: "duplicate", content, id });
      say({ text: t("compose.done.duplicated"), tone: "ok", glyph: "ring-check" });
      go({ type: "edit", id });
    } catch (error) {
      sayProblem(error, () => void duplicate());
    }
  };
  /** What is typed goes on in a new content; this one is again what was approved, or sent. */
  const writeInCopy = async () => {
    try {
      const id = newId();
      const copy = { type: "save_working_copy", persona: personaId, body: input.blank() } as const;
      await mutate({ ...copy, content: id, base: 0 });
      await keeper.current?.drop();
      dropRescue(content);
      if (!locked) await mutate({ type: "discard_working_copy", content });
      say({ text: t("compose.done.duplicated"), tone: "ok", glyph: "ring-check" });
      go({ type: "edit", id });
    } catch (error) {
      sayProblem(error, () => void writeInCopy());
    }
  };

  return {
    busy,
    save: () => void saveNow(),
    submit: () => {
      if (!submitOff) void submitNow();
    },
    submitOff,
    submitWord: updates
      ? t(stages.length > 0 ? "compose.submit_update" : "compose.update")
      : stages.length > 0
        ? t("compose.submit")
        : first
          ? t("compose.schedule")
          : t("compose.publish_now"),
    restore: locked ? undefined : (from, old) => void restoreNow(from, old),
    duplicate: () => void duplicate(),
    writeInCopy: () => void writeInCopy(),
    discard: () => void leave("discard"),
    archive: () => void leave("archive"),
    cancelSending: waiting.length > 0 ? () => void cancel() : undefined,
  };
}

/** What a change brought with it, one toast each. */
export function sayNotices(notices: readonly Notice[], t: TFunction): void {
  for (const notice of notices) {
    if (notice === "granted_at_once") continue;
    say({ text: t(`notice.${notice}`), tone: "warn", glyph: "ring-dot" });
  }
}
