import i18next from "i18next";
import { useTranslation } from "react-i18next";
import type { Problem } from "@/bindings";
import { meaningOf, problemOf } from "@/platform";
import { Button, ErrorState, say } from "@/shared";

/** A place or a part of it could not be read: what happened, what it means, one way on. */
export function ProblemState({
  error,
  onAgain,
  className,
}: {
  error: unknown;
  onAgain?: () => void;
  className?: string;
}) {
  const { t } = useTranslation();
  const problem = problemOf(error);
  return (
    <ErrorState
      title={t(`problem.${problem.code}`)}
      body={
        <>
          {problem.message}
          {problem.trace_id ? (
            <span className="block font-mono text-journal opacity-80">{problem.trace_id}</span>
          ) : null}
        </>
      }
      action={
        onAgain ? (
          <Button size="row" onClick={onAgain}>
            {t("common.try_again")}
          </Button>
        ) : null
      }
      {...(className ? { className } : {})}
    />
  );
}

/** What a refused change says where it was tried. `again` is offered when it may help. */
export function sayProblem(error: unknown, again?: () => void): void {
  const problem: Problem = problemOf(error);
  const { tone, action } = meaningOf(problem);
  const words = i18next.t(`problem.${problem.code}`);
  const offered = again && (problem.retryable || action === "try_again");
  say({
    text: problem.message && problem.message !== words ? `${words} ${problem.message}` : words,
    tone,
    glyph: tone === "bad" ? "octagon" : "ring-cross",
    ...(offered ? { action: { label: i18next.t("common.try_again"), onAct: again } } : {}),
  });
}
