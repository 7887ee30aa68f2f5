import { clsx } from "clsx";
import { Pencil, Plug, Send, Unplug } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Need, UnconfirmedAnswer } from "@/bindings";
import { useChange } from "@/data";
import {
  AskDialog,
  Button,
  Glyph,
  type GlyphName,
  Heading,
  Kbd,
  networkName,
  PersonaName,
  say,
  type Tone,
  toneDot,
} from "@/shared";
import { sayGoing, sayProblem, useGo, useKeys, useList, type Where } from "@/shell";
import { isKeepers, useNeedWords } from "./words";

const looks: Record<Need["kind"], { tone: Tone; glyph: GlyphName }> = {
  unconfirmed: { tone: "ask", glyph: "question" },
  failed: { tone: "bad", glyph: "octagon" },
  update_failed: { tone: "bad", glyph: "octagon" },
  missed: { tone: "warn", glyph: "missed" },
  approvals: { tone: "review", glyph: "ring-dot" },
  changes_requested: { tone: "warn", glyph: "arrow-back" },
  rejected: { tone: "bad", glyph: "ring-slash" },
  reconnect: { tone: "warn", glyph: "ring-pause" },
  stuck: { tone: "warn", glyph: "ring-pause" },
  held: { tone: "warn", glyph: "ring-pause" },
  not_given_back: { tone: "bad", glyph: "octagon" },
  folder_held: { tone: "warn", glyph: "ring-pause" },
  other_history: { tone: "bad", glyph: "octagon" },
  run: { tone: "bad", glyph: "octagon" },
  mentioned: { tone: "review", glyph: "ring-dot" },
};

/** Where a need is settled. */
function placeOf(need: Need): Where {
  if (need.kind === "approvals") return { type: "approvals" };
  if (need.kind === "reconnect" && need.identity) return { type: "account", id: need.identity };
  if (need.kind === "changes_requested" && need.content) return { type: "edit", id: need.content };
  if (need.kind === "stuck" && need.request) return { type: "request", id: need.request };
  if (need.kind === "run" && need.run) return { type: "run", id: need.run };
  if (need.kind === "folder_held") return { type: "settings" };
  if (need.kind === "other_history") return { type: "settings", part: "storage" };
  return need.content ? { type: "content", id: need.content } : { type: "today" };
}

const keyOf = (need: Need) =>
  [need.kind, need.delivery, need.request, need.identity, need.content, need.run].join(" ");

/** As many are shown at first: nobody settles more in one go, and each line weighs. */
const MOST = 30;

/** What needs the person, most urgent first. */
export function Needs({ needs }: { needs: readonly Need[] }) {
  const { t } = useTranslation();
  const go = useGo();
  const [all, setAll] = useState(false);
  const shown = all ? needs : needs.slice(0, MOST);
  const { at, choose } = useList(shown, keyOf, (need) => go(placeOf(need)));
  const next = useKeys("list.next");
  const previous = useKeys("list.previous");
  const open = useKeys("list.open");
  if (needs.length === 0) return null;
  return (
    <section className="mb-7" aria-label={t("today.needs")}>
      <Heading
        fact={needs.length}
        className="pb-1.5"
        aside={
          <>
            {next && previous ? (
              <span className="flex items-center gap-2">
                {t("keys.move")}
                <Kbd keys={`${next} ${previous}`} />
              </span>
            ) : null}
            {open ? (
              <span className="flex items-center gap-2">
                {t("keys.open")}
                <Kbd keys={open} />
              </span>
            ) : null}
          </>
        }
      >
        {t("today.needs")}
      </Heading>
      <ul>
        {shown.map((need, index) => (
          <NeedRow
            key={keyOf(need)}
            need={need}
            selected={index === at}
            beforeSelected={index + 1 === at}
            onChoose={() => choose(index)}
          />
        ))}
      </ul>
      {shown.length < needs.length ? (
        <Button className="mt-2" onClick={() => setAll(true)}>
          {t("today.needs_all", { all: needs.length })}
        </Button>
      ) : null}
    </section>
  );
}

function NeedRow({
  need,
  selected,
  beforeSelected,
  onChoose,
}: {
  need: Need;
  selected: boolean;
  beforeSelected: boolean;
  onChoose: () => void;
}) {
  const { t } = useTranslation();
  const go = useGo();
  const words = useNeedWords(need);
  const look = looks[need.kind];
  return (
    // A click anywhere on the line chooses it; the same is done by J and K.
    // biome-ignore lint/a11y/useKeyWithClickEvents: J and K are in the registry
    <li
      aria-current={selected || undefined}
      onClick={onChoose}
      className={clsx(
        "flex min-h-[54px] items-center gap-3 px-3 py-1.5",
        selected ? "selected rounded-control bg-selected" : "hover:bg-hover",
        selected || beforeSelected ? "border-b border-transparent" : "border-b border-line",
      )}
    >
      {need.kind === "reconnect" ? (
        <Unplug size={15} strokeWidth={1.9} aria-hidden className={clsx("mr-0.5", toneDot.warn)} />
      ) : (
        <Glyph name={look.glyph} size={15} className={clsx("mr-0.5", toneDot[look.tone])} />
      )}
      <button
        type="button"
        onClick={() => go(placeOf(need))}
        className="min-w-0 flex-1 rounded-control text-left outline-offset-4"
      >
        <span className="block ellipsis">
          <span className="font-strong">{words.what}</span>{" "}
          {need.headline ? <bdi>{t("common.quoted", { text: need.headline })}</bdi> : words.more}
        </span>
        <span className="flex min-w-0 items-center gap-1.5 text-meta text-text-2">
          {need.persona ? (
            <>
              <PersonaName name={need.persona.name} hue={need.persona.hue} className="shrink-0" />
              <span aria-hidden>·</span>
            </>
          ) : null}
          <span className="clamp-2">{words.detail}</span>
        </span>
      </button>
      <span className="flex shrink-0 items-center gap-1.5">
        <NeedActions need={need} />
      </span>
    </li>
  );
}

function NeedActions({ need }: { need: Need }): ReactNode {
  const { t } = useTranslation();
  const go = useGo();
  const change = useChange();
  const review = useKeys("go.approvals");
  const [asking, setAsking] = useState(false);
  const open = () => go(placeOf(need));
  const icon = { size: 13, strokeWidth: 2, "aria-hidden": true } as const;
  const network = networkName(need.network ?? "", t("network.site"));

  const apply = (mutation: Parameters<typeof change.mutate>[0]["mutation"], done: string) =>
    change.mutate(
      { mutation },
      {
        onSuccess: () =>
          mutation.type === "send_now"
            ? sayGoing(mutation.delivery, done)
            : say({ text: done, tone: "ok", glyph: "ring-check" }),
        onError: (error) => sayProblem(error, () => apply(mutation, done)),
      },
    );

  switch (need.kind) {
    case "unconfirmed": {
      const { delivery } = need;
      if (!delivery) return null;
      const answer = (type: UnconfirmedAnswer["type"], done: string) => () =>
        apply({ type: "answer_unconfirmed", delivery, answer: { type } }, done);
      return (
        <>
          <Button
            size="row"
            busy={change.isPending}
            onClick={answer("it_is_live", t("today.marked_live"))}
          >
            {t("unconfirmed.it_is_live")}
          </Button>
          <Button size="row" busy={change.isPending} onClick={() => setAsking(true)}>
            {t("unconfirmed.send_again")}
          </Button>
          <Button
            size="row"
            kind="ghost"
            busy={change.isPending}
            onClick={answer("drop", t("today.dropped"))}
          >
            {t("unconfirmed.drop")}
          </Button>
          <AskDialog
            open={asking}
            onClose={() => setAsking(false)}
            title={t("unconfirmed.ask_title", { network })}
            body={t("unconfirmed.ask_body", { network })}
            safe={t("unconfirmed.look_again")}
            onSafe={answer("look_again", t("today.looking_again"))}
            other={t("unconfirmed.send_again")}
            onOther={answer("send_again", t("today.sending_again"))}
          />
        </>
      );
    }
    case "failed":
    case "missed": {
      const { delivery } = need;
      return (
        <>
          {delivery && need.args.miss !== "not_approved" ? (
            <Button
              size="row"
              icon={<Send {...icon} />}
              busy={change.isPending}
              onClick={() => apply({ type: "send_now", delivery }, t("today.sending_again"))}
            >
              {need.kind === "failed" ? t("today.try_again") : t("today.send_now")}
            </Button>
          ) : null}
          <Button size="row" kind="ghost" onClick={open}>
            {t("common.open")}
          </Button>
        </>
      );
    }
    case "update_failed": {
      const { delivery } = need;
      return (
        <>
          {delivery ? (
            <Button
              size="row"
              busy={change.isPending}
              onClick={() => apply({ type: "cancel_update", delivery }, t("today.update_left"))}
            >
              {t("content.update_leave")}
            </Button>
          ) : null}
          <Button size="row" kind="ghost" onClick={open}>
            {t("common.open")}
          </Button>
        </>
      );
    }
    case "approvals":
      return (
        <Button size="row" onClick={open} {...(review ? { keys: review } : {})}>
          {t("today.review")}
        </Button>
      );
    case "held": {
      const { delivery, identity } = need;
      if (need.args.hold !== "budget" || !delivery) {
        return (
          <Button size="row" onClick={open}>
            {t("common.open")}
          </Button>
        );
      }
      return (
        <>
          {identity ? (
            <Button size="row" onClick={() => go({ type: "account", id: identity })}>
              {t("budget.raise")}
            </Button>
          ) : null}
          <Button
            size="row"
            busy={change.isPending}
            onClick={() => apply({ type: "pass_budget", delivery }, t("today.sending_again"))}
          >
            {t("budget.pass")}
          </Button>
          <Button
            size="row"
            kind="ghost"
            busy={change.isPending}
            onClick={() => apply({ type: "move_to_next_month", delivery }, t("budget.moved"))}
          >
            {t("budget.next_month")}
          </Button>
        </>
      );
    }
    case "changes_requested":
      return (
        <Button size="row" icon={<Pencil {...icon} />} onClick={open}>
          {t("common.edit")}
        </Button>
      );
    case "reconnect":
      return (
        <Button size="row" icon={<Plug {...icon} />} onClick={open}>
          {t("today.reconnect")}
        </Button>
      );
    case "folder_held":
      return isKeepers(need) ? null : (
        <>
          <Button size="row" busy={change.isPending} onClick={() => setAsking(true)}>
            {t("folder.send_here")}
          </Button>
          <AskDialog
            open={asking}
            onClose={() => setAsking(false)}
            title={t("folder.ask_title")}
            body={t("folder.ask_body")}
            safe={t("folder.keep_held")}
            onSafe={() => {}}
            other={t("folder.send_here")}
            onOther={() => apply({ type: "release_folder" }, t("folder.released"))}
          />
        </>
      );
    default:
      return (
        <Button size="row" onClick={open}>
          {t("common.open")}
        </Button>
      );
  }
}
