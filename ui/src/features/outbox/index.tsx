import { RefreshCw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { WaitingItem } from "@/bindings";
import { useAct, useAnswer, useAnswers, useMirror } from "@/data";
import { SignInAgain } from "@/features/organizations/part";
import {
  AllDonePicture,
  AskDialog,
  Button,
  brief,
  Chip,
  clock,
  EmptyState,
  machineZone,
  SkeletonRows,
} from "@/shared";
import { Bar, Page, ProblemState, sayProblem, useGo } from "@/shell";
import { standingOf } from "@/shell/sync";
import { contentOf, looks, wordsOf } from "./words";

/** What was done here and waits for the organization's server, and how the line to it is. */
export function OutboxPlace() {
  const { t } = useTranslation();
  const mirror = useMirror();
  const outbox = useAnswer({ type: "outbox" });
  const now = useAct<"sync_now">();
  const [signing, setSigning] = useState(false);
  const items = outbox.data?.items;
  const contents = [...new Set((items ?? []).flatMap((item) => contentOf(item) ?? []))];
  const known = useAnswers(contents.map((id) => ({ type: "content", id }) as const));
  const headlines = new Map(known.map((one) => [one.row.id, one.row.headline]));
  const standing = mirror ? standingOf(mirror, t) : undefined;
  const status = mirror?.status;
  const problem = status?.type === "needs_attention" ? status.problem : undefined;
  const onNow = () =>
    now.mutate({ act: { type: "sync_now" } }, { onError: (error) => sayProblem(error, onNow) });
  return (
    <>
      <Bar
        title={t("outbox.title")}
        fact={standing?.text}
        actions={
          problem?.code === "signed_out" ? (
            <Button kind="primary" onClick={() => setSigning(true)}>
              {t("sign_in.title")}
            </Button>
          ) : (
            <Button
              busy={now.isPending}
              icon={<RefreshCw size={14} strokeWidth={1.75} aria-hidden />}
              onClick={onNow}
            >
              {t("outbox.now")}
            </Button>
          )
        }
      />
      <Page className="px-5 py-3">
        {problem && problem.code !== "signed_out" ? (
          <ProblemState error={problem} onAgain={onNow} className="mb-3 max-w-2xl" />
        ) : null}
        {outbox.data?.pictures ? (
          <p className="mb-3 text-meta text-text-2" role="status">
            {t("sync.pictures", { count: outbox.data.pictures })}
          </p>
        ) : null}
        {outbox.error && !items ? (
          <ProblemState error={outbox.error} onAgain={() => void outbox.refetch()} />
        ) : !items ? (
          <SkeletonRows rows={5} height={46} label={t("common.reading")} />
        ) : items.length === 0 ? (
          <EmptyState
            className="pt-16"
            picture={<AllDonePicture />}
            title={t("outbox.none")}
            body={t("outbox.none_body")}
          />
        ) : (
          <ul aria-label={t("outbox.title")}>
            {items.map((item) => (
              <Item
                key={item.id}
                item={item}
                headline={headlines.get(contentOf(item) ?? "")}
                offline={status?.type === "offline"}
              />
            ))}
          </ul>
        )}
      </Page>
      {signing && mirror ? <SignInAgain one={mirror} onClose={() => setSigning(false)} /> : null}
    </>
  );
}

function Item({
  item,
  headline,
  offline,
}: {
  item: WaitingItem;
  headline: string | undefined;
  /** What was on its way when the line broke waits to be sent again. */
  offline: boolean;
}) {
  const { t } = useTranslation();
  const go = useGo();
  const discard = useAct<"discard_waiting">();
  const retry = useAct<"retry_waiting">();
  const [asking, setAsking] = useState(false);
  const content = contentOf(item);
  const state = offline && item.state === "sent" ? "waiting" : item.state;
  const { tone, glyph } = looks[state];
  const words = t(wordsOf(item));
  const name = headline ? t("outbox.of", { words, headline: brief(headline) }) : words;
  const rejected = item.state === "rejected";
  const removable = rejected || item.state === "held" || item.state === "waiting";
  const onRetry = () =>
    retry.mutate(
      { act: { type: "retry_waiting", id: item.id } },
      { onError: (error) => sayProblem(error) },
    );
  return (
    <li
      aria-label={name}
      className="flex min-h-[46px] flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-2"
    >
      <Chip tone={tone} glyph={glyph}>
        {t(`outbox.state.${state}`)}
      </Chip>
      <div className="min-w-0 flex-1 basis-60">
        <p className="ellipsis text-text" dir="auto">
          {name}
        </p>
        {item.problem ? (
          <p className="text-meta text-bad-fg" data-selectable>
            {t(`problem.${item.problem.code}`)} {item.problem.message}
          </p>
        ) : null}
      </div>
      <span className="tnum text-meta text-text-3">{clock(item.at, machineZone())}</span>
      {content && headline !== undefined ? (
        <Button size="row" kind="ghost" onClick={() => go({ type: "content", id: content })}>
          {t("common.open")}
        </Button>
      ) : null}
      {rejected ? (
        <Button size="row" busy={retry.isPending} onClick={onRetry}>
          {t("outbox.again")}
        </Button>
      ) : null}
      {removable ? (
        <Button size="row" kind="danger" busy={discard.isPending} onClick={() => setAsking(true)}>
          {t("outbox.discard")}
        </Button>
      ) : null}
      <AskDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t("outbox.discard_title")}
        body={t("outbox.discard_body", { what: name })}
        safe={t("outbox.keep")}
        onSafe={() => {}}
        other={t("outbox.discard")}
        onOther={() =>
          discard.mutate(
            { act: { type: "discard_waiting", id: item.id } },
            { onError: (error) => sayProblem(error) },
          )
        }
        danger
      />
    </li>
  );
}
