import { useParams } from "@tanstack/react-router";
import { PanelRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ApprovalTab, RequestDetail, RequestRow, Verdict } from "@/bindings";
import { useAnswer } from "@/data";
import {
  AllDonePicture,
  Button,
  Drawer,
  EmptyState,
  Heading,
  IconButton,
  Kbd,
  Pane,
  Segmented,
  SkeletonRows,
} from "@/shared";
import { HistoryList } from "@/shared/history-list";
import { useNow } from "@/shared/use-now";
import { useActions, useKeys } from "@/shell/actions";
import { Bar } from "@/shell/bar";
import { useGo } from "@/shell/go";
import { ProblemState } from "@/shell/problem";
import { useNarrow } from "@/shell/width";
import { ChainPane, ChainStrip } from "./chain";
import { Checks } from "./checks";
import { type Actor, useDecide } from "./decide";
import { DecideFoot } from "./foot";
import { CARD_HEIGHT, RequestList } from "./list";
import { Reading } from "./reading";
import { Outside } from "./share";

/** The inbox: what waits for a decision, what it is, and how the chain stands. */
export function Approvals() {
  const { t } = useTranslation();
  const go = useGo();
  const now = useNow();
  const { id } = useParams({ strict: false }) as { id?: string };
  const [tab, setTab] = useState<ApprovalTab>("for_me");
  const single = useNarrow("single");
  const answer = useAnswer({ type: "approvals", tab });
  const rows = answer.data?.rows ?? [];

  const at = usePlaceInList(rows, id);
  const chosen = id ?? (single ? undefined : rows[at]?.id);
  const open = (next: string | undefined, replace = true) =>
    go(next ? { type: "request", id: next } : { type: "approvals" }, { replace });
  const step = (by: number) => {
    const next = rows[Math.max(0, Math.min(at + (chosen ? by : 0), rows.length - 1))];
    if (next) open(next.id);
  };
  useActions({
    "list.next": rows.length > 0 && (() => step(1)),
    "list.previous": rows.length > 0 && (() => step(-1)),
    "list.open": single && !chosen && rows.length > 0 && (() => open(rows[at]?.id, false)),
  });

  const bare = answer.data !== undefined && rows.length === 0 && !chosen;
  const tabs = (
    <Segmented
      label={t("approvals.tab.label")}
      className="max-md:[&>*]:h-11"
      value={tab}
      onChange={(next) => {
        setTab(next);
        if (id) open(undefined);
      }}
      options={[
        { value: "for_me", label: t("approvals.tab.for_me") },
        { value: "all_open", label: t("approvals.tab.all_open") },
        { value: "decided", label: t("approvals.tab.decided") },
      ]}
    />
  );
  const list = (
    <Inbox
      tab={tab}
      answer={answer}
      rows={rows}
      chosen={chosen}
      now={now}
      onChoose={(next) => open(next, !single)}
      onTab={setTab}
    />
  );
  return (
    <>
      <Bar
        title={t("place.approvals")}
        fact={
          answer.data && !(single && chosen)
            ? t("approvals.wait_for_you", { count: answer.data.for_me })
            : undefined
        }
        views={single ? undefined : tabs}
      />
      {single && !chosen ? (
        <div className="flex shrink-0 justify-center border-b border-line px-4 py-1.5">{tabs}</div>
      ) : null}
      <div className="flex min-h-0 flex-1">
        {single || bare ? (
          chosen ? null : (
            <section aria-label={t("approvals.list")} className="flex min-w-0 flex-1 flex-col">
              {list}
            </section>
          )
        ) : (
          <Pane
            place="approvals.list"
            side="start"
            initial={328}
            min={272}
            max={392}
            label={t("approvals.list")}
          >
            {list}
          </Pane>
        )}
        {chosen ? (
          <Request
            key={chosen}
            id={chosen}
            now={now}
            onBack={single ? () => open(undefined) : undefined}
            onDecided={() => {
              const next = rows[at + 1] ?? rows[at - 1];
              if (tab === "for_me") open(next && next.id !== chosen ? next.id : undefined);
            }}
          />
        ) : single || bare ? null : (
          <div className="flex-1" />
        )}
      </div>
    </>
  );
}

/** Where the chosen request stands; the next one takes its place when it goes. */
function usePlaceInList(rows: readonly RequestRow[], id: string | undefined): number {
  const last = useRef(0);
  const found = rows.findIndex((row) => row.id === id);
  const at = found >= 0 ? found : Math.min(last.current, Math.max(0, rows.length - 1));
  useEffect(() => {
    last.current = at;
  }, [at]);
  return at;
}

function Inbox({
  tab,
  answer,
  rows,
  chosen,
  now,
  onChoose,
  onTab,
}: {
  tab: ApprovalTab;
  answer: ReturnType<typeof useAnswer<"approvals">>;
  rows: readonly RequestRow[];
  chosen: string | undefined;
  now: number;
  onChoose: (id: string) => void;
  onTab: (tab: ApprovalTab) => void;
}) {
  const { t } = useTranslation();
  const next = useKeys("list.next");
  const previous = useKeys("list.previous");
  if (answer.error && !answer.data) {
    return (
      <div className="p-4">
        <ProblemState error={answer.error} onAgain={() => void answer.refetch()} />
      </div>
    );
  }
  if (!answer.data) {
    return <SkeletonRows rows={5} height={CARD_HEIGHT} label={t("common.reading")} />;
  }
  const others = answer.data.open - answer.data.for_me;
  if (rows.length === 0) {
    return (
      <EmptyState
        picture={<AllDonePicture />}
        title={t(`approvals.empty.${tab}`)}
        body={t(`approvals.empty_body.${tab}`, { count: others })}
        actions={
          tab === "for_me" ? (
            <Button onClick={() => onTab(others > 0 ? "all_open" : "decided")}>
              {others > 0 ? t("approvals.show_open") : t("approvals.show_decided")}
            </Button>
          ) : null
        }
      />
    );
  }
  return (
    <>
      <div className="flex h-8 shrink-0 items-center justify-between border-b border-line px-4 text-meta text-text-2">
        {t(tab === "decided" ? "approvals.sorted_decided" : "approvals.sorted")}
        {next && previous ? (
          <span className="flex gap-1">
            <Kbd keys={next} />
            <Kbd keys={previous} />
          </span>
        ) : null}
      </div>
      <RequestList
        rows={rows}
        chosen={chosen}
        onChoose={onChoose}
        now={now}
        label={t("approvals.list")}
      />
      {tab === "for_me" && others > 0 ? (
        <p className="shrink-0 border-t border-line px-4 py-3 text-meta text-text-2">
          {t("approvals.others_wait", { count: others })}{" "}
          <button
            type="button"
            onClick={() => onTab("all_open")}
            className="font-medium text-accent-text hover:underline"
          >
            {t("approvals.show_them")}
          </button>
        </p>
      ) : null}
    </>
  );
}

/** One request: reading, deciding, and the inspector or its strip and drawer. */
function Request({
  id,
  now,
  onBack,
  onDecided,
}: {
  id: string;
  now: number;
  onBack: (() => void) | undefined;
  onDecided: () => void;
}) {
  const { t } = useTranslation();
  const answer = useAnswer({ type: "request", id });
  const me = useAnswer({ type: "overview" }).data?.me;
  const { decide, takeBack, busy } = useDecide();
  const drawer = useNarrow("drawer");
  const [inspecting, setInspecting] = useState(false);

  if (answer.error && !answer.data) {
    return (
      <div className="flex-1 p-6">
        <ProblemState error={answer.error} onAgain={() => void answer.refetch()} />
      </div>
    );
  }
  const request = answer.data;
  if (!request) {
    return (
      <div className="min-w-0 flex-1">
        <SkeletonRows rows={4} height={64} label={t("common.reading")} />
      </div>
    );
  }
  const onTakeBack = (decision: string, person: string) =>
    takeBack(decision, request.row.headline, person === me?.id ? undefined : person);
  const onDecide = async (verdict: Verdict, comment: string, acting: Actor | undefined) => {
    const taken = await decide(request, verdict, comment, acting);
    if (taken) onDecided();
    else void answer.refetch();
    return taken;
  };
  const inspector = <Inspector request={request} me={me?.id} now={now} onTakeBack={onTakeBack} />;
  return (
    <>
      <Reading
        request={request}
        now={now}
        onBack={onBack}
        strip={
          drawer ? (
            <div className="flex items-stretch">
              <ChainStrip
                request={request}
                me={me?.id}
                now={now}
                onOpen={() => setInspecting(true)}
              />
              <div className="flex items-center border-b border-line pr-3">
                <IconButton
                  label={t("approvals.inspector")}
                  icon={<PanelRight size={15} strokeWidth={1.75} aria-hidden />}
                  onClick={() => setInspecting(true)}
                  className="max-md:size-11!"
                />
              </div>
            </div>
          ) : null
        }
        foot={
          <DecideFoot
            request={request}
            me={me}
            onDecide={onDecide}
            onTakeBack={onTakeBack}
            busy={busy}
          />
        }
      />
      {drawer ? (
        <Drawer
          open={inspecting}
          onClose={() => setInspecting(false)}
          title={t("approvals.inspector")}
        >
          {inspector}
        </Drawer>
      ) : (
        <Pane
          place="approvals.inspector"
          side="end"
          initial={276}
          min={252}
          max={372}
          label={t("approvals.inspector")}
        >
          <div className="min-h-0 flex-1 overflow-y-auto p-4">{inspector}</div>
        </Pane>
      )}
    </>
  );
}

function Inspector({
  request,
  me,
  now,
  onTakeBack,
}: {
  request: RequestDetail;
  me: string | undefined;
  now: number;
  onTakeBack: (decision: string, person: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      <ChainPane request={request} me={me} now={now} onTakeBack={onTakeBack} />
      <Checks request={request} />
      <Outside request={request} />
      {request.history.length > 0 ? (
        <section aria-labelledby="history-heading" className="mt-5 border-t border-line pt-4">
          <Heading id="history-heading" className="mb-1.5">
            {t("approvals.history")}
          </Heading>
          <HistoryList entries={request.history} now={now} />
        </section>
      ) : null}
    </>
  );
}
