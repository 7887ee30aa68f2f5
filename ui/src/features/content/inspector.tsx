import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Attempt, AttemptPhase, ContentDetail, DeliveryDetail } from "@/bindings";
import { useAnswer } from "@/data";
import {
  Button,
  clock,
  Glyph,
  type GlyphName,
  Heading,
  machineZone,
  networkName,
  shortDay,
  type Tone,
  toneDot,
} from "@/shared";
import { HistoryList } from "@/shared/history-list";
import { StepOnLine, StepsLine } from "@/shared/steps-line";
import { useNow } from "@/shared/use-now";
import { useGo } from "@/shell";
import { ChainPane } from "../approvals/chain";
import { CompareSheet } from "../compose/compare-sheet";
import { shortWhen } from "../compose/inspector/versions";
import { NotesSection } from "../notes";
import type { Verbs } from "./verbs";

const looks: Record<AttemptPhase, { tone: Tone; glyph: GlyphName }> = {
  in_flight: { tone: "run", glyph: "arrow-up" },
  pending: { tone: "run", glyph: "hourglass" },
  confirmed: { tone: "ok", glyph: "stop" },
  not_sent: { tone: "neutral", glyph: "ring-dash" },
  rejected: { tone: "bad", glyph: "octagon" },
  throttled: { tone: "info", glyph: "hourglass" },
  ambiguous: { tone: "ask", glyph: "question" },
  written_off: { tone: "neutral", glyph: "ring-cross" },
};

/** Tries of the chosen delivery, the path of approval, versions, what happened. */
export function Inspector({
  detail,
  delivery,
  verbs,
}: {
  detail: ContentDetail;
  delivery: DeliveryDetail | undefined;
  verbs: Verbs;
}) {
  const { t } = useTranslation();
  const now = useNow();
  const me = useAnswer({ type: "overview" }).data?.me?.id;
  const { request } = detail;
  return (
    <div className="flex flex-col divide-y divide-line [&>section]:py-4 [&>section:first-child]:pt-0">
      {delivery ? <Attempts delivery={delivery} now={now} /> : null}
      {request ? (
        <section>
          <ChainPane request={request} me={me} now={now} onTakeBack={verbs.takeBack} />
        </section>
      ) : null}
      <NotesSection content={detail.row.id} n={detail.row.n} />
      <Versions detail={detail} verbs={verbs} now={now} />
      {detail.history.length > 0 ? (
        <section aria-labelledby="content-history">
          <Heading id="content-history" className="mb-1.5">
            {t("compose.history")}
          </Heading>
          <HistoryList entries={detail.history} now={now} />
        </section>
      ) : null}
    </div>
  );
}

/** Every try, journaled before its connection opened. */
function Attempts({ delivery, now }: { delivery: DeliveryDetail; now: number }) {
  const { t } = useTranslation();
  const go = useGo();
  const { attempts, target, run } = delivery;
  const thread = attempts.some((attempt) => attempt.segment > 0);
  const network = networkName(target.network, t("network.site"));
  return (
    <section aria-labelledby="content-attempts">
      <Heading
        id="content-attempts"
        className="mb-2"
        fact={network}
        aside={
          run ? (
            <button
              type="button"
              className="font-medium text-accent-text hover:underline"
              onClick={() => go({ type: "run", id: run })}
            >
              {t("content.open_run")}
            </button>
          ) : undefined
        }
      >
        {t("content.attempts")}
      </Heading>
      {attempts.length === 0 ? (
        <p className="text-meta text-text-3">{t("content.no_attempts")}</p>
      ) : (
        <StepsLine label={t("content.attempts")}>
          {attempts.map((attempt, at) => (
            <StepOnLine
              key={attempt.id}
              now={attempt.phase === "in_flight" || attempt.phase === "pending"}
              glyph={
                <Glyph
                  name={looks[attempt.phase].glyph}
                  className={toneDot[looks[attempt.phase].tone]}
                />
              }
            >
              <p>
                <span className="font-medium">{t(`content.phase.${attempt.phase}`)}</span>
                {thread ? (
                  <span className="text-text-3">
                    {" "}
                    · {t("content.part", { n: attempt.segment + 1 })}
                  </span>
                ) : null}
                {attempt.kind === "edit" ? (
                  <span className="text-text-3"> · {t("content.attempt_edit")}</span>
                ) : null}
              </p>
              <p className="tnum text-meta text-text-2">
                {t("content.try", { n: at + 1 })}, {moment(attempt, now)}
              </p>
              {attempt.words ? (
                <p className="text-meta text-text-2" data-selectable>
                  {attempt.words}
                </p>
              ) : null}
            </StepOnLine>
          ))}
        </StepsLine>
      )}
    </section>
  );
}

/** `Mon 23 Nov, 08:15:40, 12 s` */
function moment(attempt: Attempt, now: number): string {
  const zone = machineZone();
  const begun = new Date(attempt.started_at);
  const day = shortDay(begun, zone, now);
  const seconds = String(begun.getUTCSeconds()).padStart(2, "0");
  const took = attempt.settled_at ? Date.parse(attempt.settled_at) - begun.getTime() : undefined;
  const span =
    took === undefined ? "" : took < 1_000 ? `, ${took} ms` : `, ${Math.round(took / 1_000)} s`;
  return `${day}, ${clock(begun, zone)}:${seconds}${span}`;
}

function Versions({ detail, verbs, now }: { detail: ContentDetail; verbs: Verbs; now: number }) {
  const { t } = useTranslation();
  const [from, setFrom] = useState<number>();
  const zone = machineZone();
  const { versions } = detail;
  const newest = versions[0]?.n;
  const sent = new Set(detail.deliveries.map((delivery) => delivery.n));
  if (newest === undefined) return null;
  return (
    <section aria-labelledby="content-versions">
      <Heading id="content-versions" className="mb-1.5" fact={versions.length}>
        {t("content.versions")}
      </Heading>
      <ul>
        {versions.map((version) => (
          <li key={version.n} className="group flex h-7 items-center gap-2.5 text-meta">
            <span className="tnum w-11 shrink-0 whitespace-nowrap text-text-2">
              {shortWhen(version.at, zone, now)}
            </span>
            <span className="ellipsis flex-1">
              {t("content.version", { n: version.n })}
              <span className="text-text-3">
                {version.by ? ` · ${version.by.name}` : ""}
                {sent.has(version.n) ? ` · ${t("content.version_goes")}` : ""}
              </span>
            </span>
            <span className="font-mono text-journal text-text-3">{version.hash.slice(0, 4)}</span>
            {versions.length === 1 ? null : version.n === newest ? (
              <span className="w-16" />
            ) : (
              <Button
                size="row"
                kind="ghost"
                className="w-16"
                aria-label={t("compose.compare_n", { n: version.n })}
                onClick={() => setFrom(version.n)}
              >
                {t("compose.compare")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {from === undefined ? null : (
        <CompareSheet
          content={detail.row.id}
          versions={versions}
          start={{ from, to: newest }}
          {...(detail.can_edit ? { onRestore: verbs.restore } : {})}
          onClose={() => setFrom(undefined)}
        />
      )}
    </section>
  );
}
