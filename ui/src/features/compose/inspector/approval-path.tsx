import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { clock, Glyph, type GlyphName, Heading, shortDay } from "@/shared";
import { useBecause } from "@/shared/conditions";
import { useNames } from "@/shared/named";
import { updatesOf } from "../updates";
import { useComposer } from "../use-composer";
import { canHandOff, firstTime } from "../when";

/** Who is asked before it goes out, in order, and who sends it. */
export function ApprovalPath() {
  const { t } = useTranslation();
  const names = useNames();
  const because = useBecause();
  const { prepared, persona, when, accounts, body, detail, handOff, views, nameOf } = useComposer();
  const updates = updatesOf(detail, body.targets);
  const stages = prepared?.stages ?? [];
  const chain = persona.chain;
  const first = firstTime(when);
  const targets = accounts.filter((account) => body.targets.includes(account.id));
  const here = targets.filter((account) => account.executor === "desktop").length;
  const away = targets.length - here;
  const [opened] = useState(() => Date.now());
  const kept = targets.filter(
    (account) =>
      handOff &&
      first !== undefined &&
      canHandOff(account, first.at, opened) &&
      (views.find((view) => view.identity === account.id)?.segments.length ?? 1) === 1,
  );
  const network = names([...new Set(kept.map((account) => nameOf(account.network)))]);
  const stuck = targets.filter((account) => account.status === "needs_reconnect");
  return (
    <section aria-labelledby="compose-approval">
      <Heading
        id="compose-approval"
        className="mb-2"
        aside={chain && stages.length > 0 ? <span>{chain.name}</span> : undefined}
      >
        {t("compose.approval")}
      </Heading>
      <ol>
        <Step
          glyph="dashed-ring"
          tone="text-neutral-dot"
          title={
            <>
              <b className="font-strong">{t("compose.you")}</b>{" "}
              {t(
                stages.length > 0
                  ? "compose.you_submit"
                  : updates
                    ? "compose.you_update"
                    : first
                      ? "compose.you_schedule"
                      : "compose.you_publish",
              )}
            </>
          }
          fact={
            stages.length === 0
              ? t("compose.nobody_asked")
              : chain && !chain.authors_may_approve
                ? t("compose.no_own_work")
                : undefined
          }
        />
        {stages.map((stage) => (
          <Step
            key={stage.name}
            glyph="ring"
            tone="text-control"
            title={
              <>
                <b className="font-strong">{stage.name}</b>
                {stage.people.length > 1 ? (
                  <span className="text-text-2">
                    {" "}
                    · {t("compose.n_of", { count: stage.needed, of: stage.people.length })}
                  </span>
                ) : null}
              </>
            }
            fact={
              stage.people.length === 0
                ? t("compose.nobody_there")
                : names(stage.people.map((person) => person.name))
            }
            more={
              stage.because.length > 0
                ? t("compose.only", { why: names(stage.because.map(because), "conjunction") })
                : undefined
            }
          />
        ))}
        {(prepared?.unpriced ?? []).map((stage) => (
          <Step
            key={stage}
            glyph="dashed-ring"
            tone="text-neutral-dot"
            title={<span className="text-text-2">{stage}</span>}
            fact={t("approvals.chain.unpriced")}
          />
        ))}
        <Step
          glyph="clock"
          tone="text-info-dot"
          last
          title={
            first
              ? t("compose.goes_out", {
                  day: shortDay(first.at, first.zone),
                  time: clock(first.at, first.zone),
                })
              : t(stages.length > 0 ? "compose.goes_approved" : "compose.goes_now")
          }
          fact={
            targets.length === 0
              ? undefined
              : kept.length > 0
                ? t(
                    kept.length === targets.length
                      ? "compose.sent_network"
                      : "compose.sent_network_partly",
                    { network },
                  )
                : away === 0
                  ? t(first || stages.length > 0 ? "compose.sent_here" : "compose.sent_here_now")
                  : here === 0
                    ? t("compose.sent_server")
                    : t("compose.sent_both")
          }
          more={
            stuck.length > 0
              ? t("compose.sent_held", { names: stuck.map((one) => one.handle).join(", ") })
              : undefined
          }
        />
      </ol>
    </section>
  );
}

function Step({
  glyph,
  tone,
  title,
  fact,
  more,
  last = false,
}: {
  glyph: GlyphName;
  tone: string;
  title: ReactNode;
  fact?: ReactNode;
  more?: ReactNode;
  last?: boolean;
}) {
  return (
    <li className="relative flex gap-2 pb-3 last:pb-0">
      {last ? null : (
        <span aria-hidden className="absolute top-[19px] bottom-0 left-[6.5px] w-px bg-line-2" />
      )}
      <Glyph name={glyph} className={`mt-[3px] ${tone}`} />
      <div className="min-w-0 flex-1">
        <p>{title}</p>
        {fact ? <p className="text-meta text-text-2">{fact}</p> : null}
        {more ? <p className="text-meta text-text-3">{more}</p> : null}
      </div>
    </li>
  );
}
