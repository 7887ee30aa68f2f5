import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { problemOf } from "@/platform";
import { Button, clock, Dialog, Glyph, Slant, shortDay, toneDot } from "@/shared";
import { type Feat, type Outcome, Skipped } from "./bulk-acts";
import type { Bulk } from "./use-bulk";

/** What went through and what did not, and why; what went through can be taken back. */
export function BulkReport({ bulk }: { bulk: Bulk }) {
  const { t } = useTranslation();
  const { report } = bulk;
  if (!report) return null;
  const { act, outcomes, left } = report;
  const done = outcomes.filter((one) => one.done);
  const failed = outcomes.filter((one) => !one.done);
  const undoable = done.some((one) => one.undo);
  return (
    <Dialog
      open
      onClose={bulk.closeReport}
      width={560}
      title={t("queue.report.title", { count: done.length, of: outcomes.length + left })}
      foot={
        <>
          {undoable ? (
            <Button
              onClick={() => {
                bulk.closeReport();
                bulk.undo(act, outcomes);
              }}
            >
              {t("queue.report.undo", { count: done.filter((one) => one.undo).length })}
            </Button>
          ) : null}
          <Button kind="primary" data-autofocus onClick={bulk.closeReport}>
            {t("common.close")}
          </Button>
        </>
      }
    >
      <div className="-mx-1 flex max-h-[50vh] flex-col gap-3 overflow-y-auto px-1">
        {failed.length > 0 ? <Part title={t("queue.report.not_done")} outcomes={failed} /> : null}
        {done.length > 0 ? (
          <Part title={t(`queue.done.${act.type}`, { count: done.length })} outcomes={done} />
        ) : null}
        {left > 0 ? (
          <p className="text-meta text-text-2">{t("queue.report.left", { count: left })}</p>
        ) : null}
      </div>
    </Dialog>
  );
}

function Part({ title, outcomes }: { title: string; outcomes: readonly Outcome[] }) {
  const { t } = useTranslation();
  return (
    <section>
      <h3 className="mb-0.5 text-meta font-strong">{title}</h3>
      <ul>
        {outcomes.map((one) => (
          <li key={one.row.id} className="flex items-start gap-2 border-b border-line py-1.5">
            <Glyph
              name={one.done ? "ring-check" : "octagon"}
              size={13}
              className={`mt-0.5 ${toneDot[one.done ? "ok" : "bad"]}`}
            />
            <Slant hue={one.row.persona.hue} height={12} className="mt-1" />
            <span className="min-w-0 flex-1">
              <span className="block ellipsis" dir="auto">
                {one.row.headline || t("common.no_text")}
              </span>
              <Detail outcome={one} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Detail({ outcome }: { outcome: Outcome }) {
  const { t } = useTranslation();
  const words = outcome.done ? standing(outcome, t) : why(outcome.error, t);
  return words ? <span className="tnum block text-meta text-text-2">{words}</span> : null;
}

/** Where it stands now. */
function standing({ planned, voided, askedBack }: Feat, t: TFunction): string {
  const time =
    planned && `${shortDay(planned.at, planned.zone)}, ${clock(planned.at, planned.zone)}`;
  const notices = [voided && t("notice.approval_voided"), askedBack && t("notice.asked_back")];
  return [time, ...notices].filter(Boolean).join(" · ");
}

/** Why it was not done: nothing to do, or the core's own words. */
function why(error: unknown, t: TFunction): string {
  if (error instanceof Skipped) return t(`queue.skip.${error.why}`);
  const problem = problemOf(error);
  const words = t(`problem.${problem.code}`);
  return problem.message && problem.message !== words ? `${words} ${problem.message}` : words;
}
