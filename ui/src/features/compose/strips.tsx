import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OutlineStrip } from "@/features/ideas/outline";
import { problemOf } from "@/platform";
import { Button, clock, ErrorState, Glyph, machineZone } from "@/shared";
import { useGo } from "@/shell/go";
import { CompareSheet } from "./compare-sheet";
import { rescues } from "./rescue";
import { useComposer } from "./use-composer";

/** What the writer must know before going on: said once, with the ways on. */
export function Strips() {
  const { t } = useTranslation();
  const go = useGo();
  const composer = useComposer();
  const { content, detail, kept, touched, problem, setProblem, base, takeBase, body } = composer;
  const [comparing, setComparing] = useState(false);
  const newest = detail?.row.n ?? 0;
  const ahead = newest > base && composer.busy === undefined;
  const asked = detail?.request?.status === "changes_requested" ? detail.request : undefined;
  const comment = asked?.stages
    .flatMap((stage) => stage.decisions)
    .filter((decision) => decision.verdict !== "approve" && !decision.revoked)
    .at(-1);
  const fresh = !detail && !touched;
  const [lost] = useState(() => rescues().find((rescue) => rescue.content !== content));
  const named =
    problem && !Object.keys(problem.fields ?? {}).some((key) => /planned|title/.test(key));

  return (
    <>
      {problem && named ? (
        <ErrorState
          className="rounded-none px-5"
          title={t(`problem.${problem.code}`)}
          body={
            <>
              {problem.message}
              {Object.entries(problem.fields ?? {}).map(([path, words]) => (
                <span key={path} className="block">
                  {words}
                </span>
              ))}
            </>
          }
          action={
            <span className="flex gap-2">
              {problem.retryable ? (
                <Button size="row" onClick={composer.save}>
                  {t("common.try_again")}
                </Button>
              ) : null}
              <Button size="row" kind="ghost" onClick={() => setProblem(undefined)}>
                {t("common.close")}
              </Button>
            </span>
          }
        />
      ) : null}
      {detail ? <OutlineStrip content={content} /> : null}
      {kept.state === "failed" ? (
        <Strip tone="warn" text={t("compose.not_kept", { why: problemOf(kept.error).message })} />
      ) : null}
      {ahead ? (
        <Strip
          tone="warn"
          text={t("compose.ahead", {
            n: newest,
            who: detail?.version?.row.by?.name ?? t("compose.somebody"),
          })}
        >
          <Button size="row" onClick={() => setComparing(true)}>
            {t("compose.ahead_look")}
          </Button>
          <Button size="row" onClick={() => takeBase(newest)}>
            {t("compose.ahead_mine")}
          </Button>
        </Strip>
      ) : null}
      {detail && !detail.can_edit ? (
        <Strip tone="warn" text={t("compose.locked")}>
          <Button size="row" onClick={composer.writeInCopy}>
            {t("compose.voids_copy")}
          </Button>
          <Button size="row" kind="ghost" onClick={() => go({ type: "content", id: content })}>
            {t("compose.locked_look")}
          </Button>
        </Strip>
      ) : null}
      {detail?.edit_voids && (touched || detail.working) ? (
        <Strip
          tone="warn"
          text={t(
            detail.row.status === "in_review" ? "compose.voids_review" : "compose.voids_approval",
          )}
        >
          <Button size="row" onClick={composer.writeInCopy}>
            {t("compose.voids_copy")}
          </Button>
          <Button size="row" kind="ghost" onClick={composer.discard}>
            {t("compose.voids_back")}
          </Button>
        </Strip>
      ) : null}
      {asked && comment ? (
        <Strip
          tone="warn"
          text={t("compose.changes_asked", {
            who: comment.person.name,
            comment: comment.comment,
          })}
        >
          <Button size="row" onClick={() => go({ type: "request", id: asked.id })}>
            {t("compose.open_request")}
          </Button>
        </Strip>
      ) : null}
      {fresh && lost ? (
        <Strip tone="neutral" text={t("compose.lost", { time: clock(lost.at, machineZone()) })}>
          <Button size="row" onClick={() => go({ type: "edit", id: lost.content })}>
            {t("compose.lost_open")}
          </Button>
        </Strip>
      ) : null}
      {comparing && detail?.version ? (
        <CompareSheet
          content={content}
          versions={detail.versions}
          typed={body}
          start={{ from: detail.version.row.n, to: "typed" }}
          onClose={() => setComparing(false)}
        />
      ) : null}
    </>
  );
}

function Strip({
  tone,
  text,
  children,
}: {
  tone: "warn" | "neutral";
  text: string;
  children?: React.ReactNode;
}) {
  return (
    <div
      role="status"
      className={
        tone === "warn"
          ? "flex min-h-9 shrink-0 items-center gap-2.5 bg-warn-bg px-5 py-1 text-warn-fg"
          : "flex min-h-9 shrink-0 items-center gap-2.5 border-b border-line bg-inset px-5 py-1 text-text-2"
      }
    >
      <Glyph name={tone === "warn" ? "arrow-back" : "ring-dash"} />
      <span className="min-w-0 flex-1" dir="auto">
        {text}
      </span>
      {children}
    </div>
  );
}
