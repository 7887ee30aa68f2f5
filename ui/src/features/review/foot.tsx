import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Reviewed, ReviewView, Verdict } from "@/bindings";
import type { Door, ProblemError } from "@/platform";
import { Button, TextArea } from "@/shared";
import { sayProblem } from "@/shell/problem";

const tall = "h-11! flex-1";

/** Two taps decide: what, and that it is meant. Everything but approval needs words. */
export function Foot({
  door,
  link,
  view,
  shown,
  onView,
}: {
  door: Door;
  link: string;
  view: ReviewView;
  shown: Reviewed;
  onView: (view: ReviewView) => void;
}) {
  const { t } = useTranslation();
  const [verdict, setVerdict] = useState<Verdict>();
  const [comment, setComment] = useState("");
  const [tried, setTried] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const send = useMutation<ReviewView, ProblemError, Verdict>({
    mutationFn: (chosen) =>
      door.reviewDecide(link, { hash: shown.hash, verdict: chosen, comment: comment.trim() }),
    onSuccess: onView,
    onError: async (error) => {
      sayProblem(error);
      // Something changed meanwhile: what is shown is what there is.
      await door.review(link).then(onView, () => {});
    },
  });
  useEffect(() => {
    if (verdict) field.current?.focus();
  }, [verdict]);
  const needsWords = verdict !== undefined && verdict !== "approve";
  const missing = needsWords && comment.trim() === "";
  if (!verdict) {
    return (
      <div className="flex shrink-0 flex-wrap gap-2 border-t border-line bg-surface px-4 py-3">
        <Button kind="primary" className={tall} onClick={() => setVerdict("approve")}>
          {t("approvals.approve")}
        </Button>
        <Button className={tall} onClick={() => setVerdict("request_changes")}>
          {t("approvals.request_changes")}
        </Button>
        <Button kind="ghost" className="h-11!" onClick={() => setVerdict("reject")}>
          {t("approvals.reject")}
        </Button>
      </div>
    );
  }
  return (
    <form
      aria-label={t(`review.ask.${verdict}`)}
      className="flex shrink-0 flex-col gap-2 border-t border-line bg-surface px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (missing) field.current?.focus();
        else if (!send.isPending) send.mutate(verdict);
      }}
    >
      <p className="font-medium">{t("review.as", { name: view.name })}</p>
      {needsWords ? (
        <TextArea
          ref={field}
          label={t(`approvals.ask.${verdict}`)}
          value={comment}
          onText={setComment}
          rows={3}
          className="max-h-40"
          error={tried && missing ? t("approvals.ask.empty") : undefined}
        />
      ) : null}
      <div className="flex gap-2">
        <Button
          submit
          kind={verdict === "reject" ? "danger" : "primary"}
          busy={send.isPending}
          className={tall}
          onClick={() => {}}
        >
          {t(`review.yes.${verdict}`)}
        </Button>
        <Button className="h-11!" onClick={() => setVerdict(undefined)}>
          {t("common.back")}
        </Button>
      </div>
    </form>
  );
}
