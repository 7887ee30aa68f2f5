import { clsx } from "clsx";
import { useTranslation } from "react-i18next";
import type { RequestDetail, StageState, StageView } from "@/bindings";
import { Button, Glyph, type GlyphName, Heading, type Tone, toneDot } from "@/shared";
import { useBecause } from "@/shared/conditions";
import { money, totals } from "@/shared/money";
import { useNames } from "@/shared/named";
import { StepOnLine, StepsLine } from "@/shared/steps-line";
import { clock, machineZone, shortDay, span } from "@/shared/time";
import { askedStage } from "./decide";
import { outcomeLook } from "./outcome";

const looks: Record<StageState, { tone: Tone; glyph: GlyphName }> = {
  done: { tone: "ok", glyph: "ring-check" },
  asked: { tone: "run", glyph: "ring-dot" },
  stuck: { tone: "bad", glyph: "octagon" },
  later: { tone: "neutral", glyph: "ring" },
  skipped: { tone: "neutral", glyph: "dashed-ring" },
};

export interface ChainProps {
  request: RequestDetail;
  /** The person who uses this computer. */
  me: string | undefined;
  now: number;
}

/** A time as the chain names it: the clock today, else the day with it. */
function useMoment(now: number) {
  const zone = machineZone();
  return (at: string) =>
    shortDay(at, zone) === shortDay(now, zone)
      ? clock(at, zone)
      : `${shortDay(at, zone)}, ${clock(at, zone)}`;
}

/** Stages, who has a seat, what was decided, who is next and what happens if nobody answers. */
export function ChainPane({
  request,
  me,
  now,
  onTakeBack,
}: ChainProps & { onTakeBack: (decision: string, person: string) => void }) {
  const { t, i18n } = useTranslation();
  const names = useNames();
  const moment = useMoment(now);
  const first = request.row.at;
  const costs = totals(request.costs ?? []);
  const networks = new Set(request.version.doc.targets.map((target) => target.network)).size;
  const closed = !["awaiting_media", "open", "approved"].includes(request.status);
  return (
    <section aria-labelledby="chain-heading">
      <Heading id="chain-heading" className="mb-3">
        {request.chain_name || t("approvals.chain.direct")}
      </Heading>
      <StepsLine label={t("approvals.chain.label")}>
        {request.stages.map((stage) => (
          <Stage
            key={stage.index}
            stage={stage}
            request={request}
            me={me}
            now={now}
            onTakeBack={onTakeBack}
          />
        ))}
        {closed ? (
          <StepOnLine
            glyph={
              <Glyph
                name={outcomeLook[request.status].glyph}
                className={toneDot[outcomeLook[request.status].tone]}
              />
            }
          >
            <p>{t(`request.status.${request.status}`)}</p>
            {request.closed_at ? (
              <p className="tnum text-meta text-text-2">{moment(request.closed_at)}</p>
            ) : null}
          </StepOnLine>
        ) : (
          <StepOnLine glyph={<Glyph name="clock" className={toneDot.info} />}>
            <p className="tnum">
              {first
                ? t(
                    Date.parse(first.at) < now
                      ? "approvals.chain.time_passed"
                      : "approvals.chain.goes_out",
                    { when: moment(first.at) },
                  )
                : t(
                    request.stages.length === 0
                      ? "compose.goes_now"
                      : "approvals.chain.goes_out_then",
                  )}
            </p>
            <p className="text-meta text-text-2">
              {t("approvals.chain.networks", { count: networks })}
            </p>
            {costs.length > 0 ? (
              <p className="tnum text-meta text-text-2">
                {t("approvals.chain.costs", {
                  amount: names(costs.map((sum) => money(sum, i18n.resolvedLanguage))),
                })}
              </p>
            ) : null}
          </StepOnLine>
        )}
      </StepsLine>
      {request.status === "open" ? <WhatIf request={request} now={now} /> : null}
    </section>
  );
}

function Stage({
  stage,
  request,
  me,
  now,
  onTakeBack,
}: ChainProps & { stage: StageView; onTakeBack: (decision: string, person: string) => void }) {
  const { t } = useTranslation();
  const names = useNames();
  const because = useBecause();
  const moment = useMoment(now);
  const { tone, glyph } = looks[stage.state];
  const open = request.status === "open";
  const asked = open && stage.state === "asked";
  const approvals = stage.decisions.filter((one) => !one.revoked && one.verdict === "approve");
  const mineIsNext = asked && request.mine;
  const seats = stage.seats.map((seat) => (seat.id === me ? t("approvals.chain.you") : seat.name));
  return (
    <StepOnLine now={asked} glyph={<Glyph name={glyph} className={toneDot[tone]} />}>
      <p
        className={clsx(
          stage.state === "later" || stage.state === "skipped" ? "text-text-2" : "text-text",
        )}
      >
        <span className={clsx((asked || stage.state === "done") && "font-medium")}>
          {stage.name}
        </span>
        {mineIsNext ? (
          <span>
            {" · "}
            {request.away
              ? t("approvals.chain.your_turn_for", { name: request.away.name })
              : t("approvals.chain.your_turn")}
          </span>
        ) : null}
      </p>
      {stage.decisions.map((one) => (
        <div
          key={one.id}
          className={clsx("text-meta", one.revoked ? "text-text-3" : "text-text-2")}
        >
          <p>
            {one.outside
              ? t("approvals.chain.outside", { name: one.outside, by: one.person.name })
              : one.delegated
                ? t("approvals.chain.for", {
                    person: one.operator?.name ?? "",
                    away: one.person.name,
                  })
                : one.operator
                  ? t("history.acting", { person: one.operator.name, other: one.person.name })
                  : one.person.id === me
                    ? t("approvals.chain.you")
                    : one.person.name}{" "}
            <span className={clsx(one.revoked && "line-through")}>
              {t(`approvals.chain.did.${one.verdict}`)}
            </span>
            , <span className="tnum">{moment(one.at)}</span>
            {one.revoked ? ` · ${t("approvals.chain.revoked")}` : null}
          </p>
          {one.comment ? (
            <p className="text-text" dir="auto" data-selectable>
              “{one.comment}”
            </p>
          ) : null}
          {one.revocable && !one.revoked ? (
            <Button size="row" className="my-1" onClick={() => onTakeBack(one.id, one.person.id)}>
              {t("approvals.take_back")}
            </Button>
          ) : null}
        </div>
      ))}
      {stage.state === "skipped" ? (
        <p className="text-meta text-text-3">
          {t(stage.unpriced ? "approvals.chain.unpriced" : "approvals.chain.skipped")}
        </p>
      ) : null}
      {stage.state !== "skipped" && stage.state !== "done" ? (
        <p className="text-meta text-text-2">
          {seats.length > 0 ? names(seats) : t("approvals.chain.nobody")}
        </p>
      ) : null}
      {stage.outside && stage.state !== "skipped" && stage.state !== "done" ? (
        <p className="text-meta text-text-3">{t("approvals.chain.outside_may")}</p>
      ) : null}
      {stage.because.length > 0 && stage.state !== "skipped" ? (
        <p className="text-meta text-text-3">{names(stage.because.map(because), "conjunction")}</p>
      ) : null}
      {stage.state !== "skipped" && (stage.needed > 1 || stage.state === "done") ? (
        <p className="tnum text-meta text-text-2">
          {t("approvals.chain.of_needed", { done: approvals.length, needed: stage.needed })}
        </p>
      ) : null}
      {stage.state === "stuck" && open ? (
        <p className="text-meta text-bad-fg">{t("approvals.chain.stuck")}</p>
      ) : null}
      {asked && request.row.at ? <DueLine at={request.row.at.at} now={now} /> : null}
    </StepOnLine>
  );
}

function DueLine({ at, now }: { at: string; now: number }) {
  const { t } = useTranslation();
  const moment = useMoment(now);
  const left = Date.parse(at) - now;
  const { unit, count } = span(left);
  return (
    <p className={clsx("tnum text-meta font-medium", left < 0 ? "text-bad-fg" : "text-warn-fg")}>
      {left < 0
        ? t("approvals.chain.time_passed", { when: moment(at) })
        : t(`approvals.chain.due_in_${unit}`, { when: moment(at), count })}
    </p>
  );
}

/** What happens when nobody answers: reminders, substitutes, the end. Never that it is sent. */
function WhatIf({ request, now }: { request: RequestDetail; now: number }) {
  const { t } = useTranslation();
  const moment = useMoment(now);
  const stage = askedStage(request);
  const lines = [
    stage?.remind_at && Date.parse(stage.remind_at) > now
      ? t("approvals.what_if.remind", { when: moment(stage.remind_at) })
      : undefined,
    stage?.escalate_at && Date.parse(stage.escalate_at) > now
      ? t("approvals.what_if.escalate", { when: moment(stage.escalate_at) })
      : undefined,
    request.expires_at
      ? t("approvals.what_if.expire", { when: moment(request.expires_at) })
      : undefined,
    t("approvals.what_if.waits"),
  ].filter((line): line is string => line !== undefined);
  return (
    <p className="mt-4 rounded-control bg-inset px-3 py-2 text-meta text-text-2">
      {lines.join(" ")}
    </p>
  );
}

/** The chain in 36 px, where there is no room for the pane. */
export function ChainStrip({ request, me, now, onOpen }: ChainProps & { onOpen: () => void }) {
  const { t } = useTranslation();
  const moment = useMoment(now);
  const first = request.row.at;
  const passed = first ? Date.parse(first.at) < now : false;
  return (
    <button
      type="button"
      onClick={onOpen}
      aria-label={t("approvals.chain.open")}
      className="flex h-9 min-w-0 flex-1 items-center gap-2.5 border-b border-line px-7 text-left max-md:h-11 outline-offset-[-2px]! hover:bg-hover max-sm:px-4"
    >
      <span className="no-drag-scrollbar flex min-w-0 flex-1 items-center gap-2.5 overflow-x-auto whitespace-nowrap">
        {request.stages
          .filter((stage) => stage.state !== "skipped")
          .map((stage) => {
            const { tone, glyph } = looks[stage.state];
            const asked = stage.state === "asked" && request.status === "open";
            const mine = asked && stage.seats.some((seat) => seat.id === me);
            return (
              <span key={stage.index} className="inline-flex items-center gap-2.5">
                <span className="inline-flex items-center gap-1.5">
                  <Glyph name={glyph} className={toneDot[tone]} />
                  <span className={clsx(asked ? "font-strong text-text" : "text-text-2")}>
                    {mine ? t("approvals.chain.strip_you", { stage: stage.name }) : stage.name}
                  </span>
                </span>
                <span aria-hidden className="h-px w-4 bg-line-2" />
              </span>
            );
          })}
        <span className="inline-flex items-center gap-1.5 text-text-2">
          <Glyph name="clock" className={toneDot.info} />
          <span className="tnum">
            {first ? moment(first.at) : t("approvals.chain.goes_out_then")}
          </span>
        </span>
      </span>
      {request.status === "open" && first ? (
        <span
          className={clsx("tnum shrink-0 max-sm:hidden", passed ? "text-bad-fg" : "text-warn-fg")}
        >
          {passed
            ? t("approvals.due.passed", { when: moment(first.at) })
            : t("approvals.chain.due", { when: moment(first.at) })}
        </span>
      ) : null}
    </button>
  );
}
