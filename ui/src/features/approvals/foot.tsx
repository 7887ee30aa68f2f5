import { clsx } from "clsx";
import { Check, ChevronUp, Undo2, UserRound } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RequestDetail, Verdict } from "@/bindings";
import { useAct, useAnswer } from "@/data";
import { Button, Glyph, Kbd, Menu, TextArea } from "@/shared";
import { useActions, useKeys } from "@/shell/actions";
import { useNarrow } from "@/shell/width";
import { type Actor, othersWithSeat } from "./decide";

interface Props {
  request: RequestDetail;
  me: Actor | undefined;
  onDecide: (verdict: Verdict, comment: string, acting: Actor | undefined) => Promise<boolean>;
  onTakeBack: (decision: string, person: string) => void;
  busy: boolean;
}

/** Where one decides: at once with A; with words for changes and refusals. */
export function DecideFoot({ request, me, onDecide, onTakeBack, busy }: Props) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState<Exclude<Verdict, "approve">>();
  const [acting, setActing] = useState<Actor>();
  const seated = othersWithSeat(request, me?.id);
  // Own work is barred by person: whoever decides on it must be the one who sits here.
  const others = request.own ? [] : seated;
  const able = request.status === "open" && (request.mine || acting !== undefined);

  const { id, n } = request;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another request, another question
  useEffect(() => {
    setAsking(undefined);
    setActing(undefined);
  }, [id, n]);

  const approve = () => void onDecide("approve", "", acting);
  useActions({
    "decide.approve": able && !busy && !asking && approve,
    "decide.changes": able && !busy && (() => setAsking("request_changes")),
    "decide.reject": able && !busy && (() => setAsking("reject")),
  });

  if (request.status !== "open") {
    return <Decided request={request} me={me} onTakeBack={onTakeBack} />;
  }
  return (
    <div className="shrink-0 border-t border-line bg-surface">
      {request.time_passed && able ? <Line tone="warn">{t("approvals.time_passed")}</Line> : null}
      {request.away && able && !acting ? (
        <Line>{t("approvals.for_away", { name: request.away.name })}</Line>
      ) : null}
      {acting && me ? (
        <Line
          aside={
            <Button size="row" kind="ghost" onClick={() => setActing(undefined)}>
              {t("approvals.act_as_me", { name: me.name })}
            </Button>
          }
        >
          {t("history.acting", { person: me.name, other: acting.name })}
        </Line>
      ) : null}
      {able ? (
        asking ? (
          <Asking
            key={asking}
            verdict={asking}
            busy={busy}
            onCancel={() => setAsking(undefined)}
            onDone={async (comment) => {
              if (await onDecide(asking, comment, acting)) setAsking(undefined);
            }}
          />
        ) : (
          <Buttons
            request={request}
            busy={busy}
            onApprove={approve}
            onAsk={setAsking}
            others={others}
            onAct={setActing}
          />
        )
      ) : (
        <WhyNot request={request} me={me}>
          {request.own ? (
            <HandOver to={seated} />
          ) : (
            <ActAs others={others} onAct={setActing} words />
          )}
        </WhyNot>
      )}
    </div>
  );
}

function Line({
  children,
  aside,
  tone,
}: {
  children: ReactNode;
  aside?: ReactNode;
  tone?: "warn";
}) {
  return (
    <div
      role="status"
      className={clsx(
        "flex min-h-8 items-center gap-2 px-7 py-1 text-meta max-sm:px-4",
        tone === "warn" ? "bg-warn-bg text-warn-fg" : "bg-inset text-text-2",
      )}
    >
      {tone === "warn" ? (
        <Glyph name="missed" size={13} />
      ) : (
        <UserRound size={13} strokeWidth={2} aria-hidden />
      )}
      <span className="flex-1">{children}</span>
      {aside}
    </div>
  );
}

const row = "flex min-h-12 flex-wrap items-center gap-2 px-7 py-2 max-sm:px-4";

function Buttons({
  request,
  busy,
  onApprove,
  onAsk,
  others,
  onAct,
}: {
  request: RequestDetail;
  busy: boolean;
  onApprove: () => void;
  onAsk: (verdict: Exclude<Verdict, "approve">) => void;
  others: readonly Actor[];
  onAct: (actor: Actor) => void;
}) {
  const { t } = useTranslation();
  const single = useNarrow("single");
  const keys = {
    approve: useKeys("decide.approve"),
    changes: useKeys("decide.changes"),
    reject: useKeys("decide.reject"),
    note: useKeys("note.write"),
    next: useKeys("list.next"),
    all: useKeys("window.keys"),
  };
  const size = single ? "h-11! flex-1" : "";
  const key = (it: string | undefined) => (it && !single ? { keys: it } : {});
  return (
    <div className={row}>
      <Button
        kind="primary"
        icon={<Check size={14} strokeWidth={2} aria-hidden />}
        onClick={onApprove}
        busy={busy}
        className={size}
        {...key(keys.approve)}
      >
        {t(request.time_passed ? "approvals.approve_late" : "approvals.approve")}
      </Button>
      <Button
        icon={<Undo2 size={14} strokeWidth={2} aria-hidden />}
        onClick={() => onAsk("request_changes")}
        busy={busy}
        className={size}
        {...key(keys.changes)}
      >
        {t("approvals.request_changes")}
      </Button>
      <Button
        kind="ghost"
        onClick={() => onAsk("reject")}
        busy={busy}
        className={size}
        {...key(keys.reject)}
      >
        {t("approvals.reject")}
      </Button>
      <ActAs others={others} onAct={onAct} />
      {single ? null : (
        <span className="ml-auto flex items-center gap-2 text-meta text-text-3">
          {keys.note ? (
            <>
              {t("notes.write")} <Kbd keys={keys.note} />
            </>
          ) : null}
          {/* Deciding for others takes the room of the rest. */}
          {keys.next && others.length === 0 ? (
            <>
              {t("approvals.next")} <Kbd keys={keys.next} />
            </>
          ) : null}
          {keys.all && others.length === 0 ? (
            <>
              {t("approvals.keys")} <Kbd keys={keys.all} />
            </>
          ) : null}
        </span>
      )}
    </div>
  );
}

/** Changes and refusals need words: whoever wrote it shall know what to do. */
function Asking({
  verdict,
  busy,
  onCancel,
  onDone,
}: {
  verdict: Exclude<Verdict, "approve">;
  busy: boolean;
  onCancel: () => void;
  onDone: (comment: string) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [tried, setTried] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const send = () => {
    setTried(true);
    if (text.trim() === "") field.current?.focus();
    else onDone(text.trim());
  };
  return (
    <form
      className="px-7 py-3 max-sm:px-4"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <TextArea
        ref={field}
        label={t(`approvals.ask.${verdict}`)}
        value={text}
        onText={setText}
        rows={2}
        className="max-h-40"
        error={tried && text.trim() === "" ? t("approvals.ask.empty") : undefined}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            onCancel();
          } else if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
            event.preventDefault();
            send();
          }
        }}
      />
      <div className="mt-2 flex gap-2">
        <Button
          submit
          kind={verdict === "reject" ? "danger" : "primary"}
          busy={busy}
          keys="Mod+Enter"
          className="max-md:h-11"
          onClick={() => {}}
        >
          {t(verdict === "reject" ? "approvals.reject" : "approvals.request_changes")}
        </Button>
        <Button kind="ghost" keys="Escape" onClick={onCancel} className="max-md:h-11">
          {t("common.cancel")}
        </Button>
      </div>
    </form>
  );
}

/** On one computer a chain is a checklist: a person may hand the keyboard to another. */
function ActAs({
  others,
  onAct,
  words,
}: {
  others: readonly Actor[];
  onAct: (actor: Actor) => void;
  words?: boolean;
}) {
  const { t } = useTranslation();
  if (others.length === 0) return null;
  return (
    <Menu
      align="start"
      trigger={
        <Button
          kind={words ? "plain" : "ghost"}
          icon={<UserRound size={14} strokeWidth={2} aria-hidden />}
          className="max-md:h-11"
        >
          {t("approvals.decide_as")}
          <ChevronUp size={13} strokeWidth={2} aria-hidden />
        </Button>
      }
      groups={[others.map((one) => ({ id: one.id, label: one.name, onSelect: () => onAct(one) }))]}
    />
  );
}

/** Another person takes this computer, and decides as themselves; the history keeps that. */
function HandOver({ to }: { to: readonly Actor[] }) {
  const { t } = useTranslation();
  const save = useAct<"save_settings">();
  const settings = useAnswer({ type: "settings" }).data?.settings;
  if (to.length === 0 || !settings) return null;
  const take = (person: string) =>
    save.mutate({ act: { type: "save_settings", settings: { ...settings, person } } });
  return (
    <Menu
      align="start"
      trigger={
        <Button
          icon={<UserRound size={14} strokeWidth={2} aria-hidden />}
          busy={save.isPending}
          className="max-md:h-11"
        >
          {t("approvals.hand_over")}
          <ChevronUp size={13} strokeWidth={2} aria-hidden />
        </Button>
      }
      groups={[to.map((one) => ({ id: one.id, label: one.name, onSelect: () => take(one.id) }))]}
    />
  );
}

type Why = "no_seat" | "own_work" | "already_decided" | "request_closed";
const whys: readonly string[] = ["no_seat", "own_work", "already_decided", "request_closed"];

function WhyNot({
  request,
  me,
  children,
}: {
  request: RequestDetail;
  me: Actor | undefined;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const why =
    request.why_not && whys.includes(request.why_not) ? (request.why_not as Why) : "no_seat";
  const stuck = request.stages.some((stage) => stage.state === "stuck");
  return (
    <div className={row}>
      <span className="flex items-start gap-2 text-text-2">
        <Glyph name={stuck ? "octagon" : "ring-dash"} className="mt-[3px]" />
        {stuck ? t("approvals.why.stuck") : t(`approvals.why.${why}`, { name: me?.name ?? "" })}
      </span>
      {children}
    </div>
  );
}

/** A closed request: what became of it, and my way back while nothing was sent. */
function Decided({ request, me, onTakeBack }: Pick<Props, "request" | "me" | "onTakeBack">) {
  const { t } = useTranslation();
  const mine = request.stages
    .flatMap((stage) => stage.decisions)
    .filter((one) => one.revocable && !one.revoked);
  return (
    <div className={clsx("shrink-0 border-t border-line bg-surface", row)}>
      <span className="text-text-2">{t(`request.meaning.${request.status}`)}</span>
      {mine.map((one) => (
        <Button
          key={one.id}
          icon={<Undo2 size={14} strokeWidth={2} aria-hidden />}
          className="max-md:h-11"
          onClick={() => onTakeBack(one.id, one.person.id)}
        >
          {one.person.id === me?.id
            ? t("approvals.take_back_mine")
            : t("approvals.take_back_of", { name: one.person.name })}
        </Button>
      ))}
    </div>
  );
}
