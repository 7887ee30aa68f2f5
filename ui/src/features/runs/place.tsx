import { useParams } from "@tanstack/react-router";
import { clsx } from "clsx";
import { ChevronLeft } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { RunRow } from "@/bindings";
import { usePages } from "@/data";
import {
  AllDonePicture,
  Button,
  EmptyState,
  Glyph,
  IconButton,
  Pane,
  Segmented,
  SkeletonRows,
  toneDot,
  VirtualList,
} from "@/shared";
import { useNamed } from "@/shared/named";
import { clock, dayKey, machineZone, tinyDay } from "@/shared/time";
import { useNow } from "@/shared/use-now";
import { useActions } from "@/shell/actions";
import { Bar } from "@/shell/bar";
import { useGo } from "@/shell/go";
import { ProblemState } from "@/shell/problem";
import { useNarrow } from "@/shell/width";
import { Run } from "./detail";
import { runLook } from "./look";

/** What Rostrum did and does on its own: runs of workflows, each with its timeline. */
export function Workflows() {
  const { t } = useTranslation();
  const go = useGo();
  const now = useNow();
  const { id } = useParams({ strict: false }) as { id?: string };
  const single = useNarrow("single");
  const [trouble, setTrouble] = useState(false);
  const pages = usePages(
    { type: "runs", limit: 100, ...(trouble ? { trouble } : {}) },
    { keep: true },
  );
  const rows = pages.data?.pages.flatMap((page) => page.rows) ?? [];
  const chosen = id ?? (single ? undefined : rows[0]?.id);
  const at = rows.findIndex((row) => row.id === chosen);
  const open = (next: string | undefined) =>
    go(next ? { type: "run", id: next } : { type: "workflows" }, { replace: !single });
  const step = (by: number) => {
    const next = rows[Math.max(0, Math.min(at + by, rows.length - 1))];
    if (next) open(next.id);
  };
  useActions({
    "list.next": rows.length > 0 && (() => step(1)),
    "list.previous": rows.length > 0 && (() => step(-1)),
  });

  const list =
    pages.error && !pages.data ? (
      <div className="p-4">
        <ProblemState error={pages.error} onAgain={() => void pages.refetch()} />
      </div>
    ) : !pages.data ? (
      <SkeletonRows rows={8} height={52} label={t("common.reading")} />
    ) : rows.length === 0 ? (
      <EmptyState
        picture={<AllDonePicture />}
        title={t(trouble ? "runs.empty_trouble" : "runs.empty")}
        body={t(trouble ? "runs.empty_trouble_body" : "runs.empty_body")}
        actions={
          trouble ? <Button onClick={() => setTrouble(false)}>{t("runs.show_all")}</Button> : null
        }
      />
    ) : (
      <VirtualList
        items={rows}
        height={() => 52}
        keyOf={(row) => row.id}
        selected={at >= 0 ? at : undefined}
        label={t("runs.list")}
        onEnd={() => {
          if (pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage();
        }}
        render={(row) => (
          <Line row={row} current={row.id === chosen} now={now} onOpen={() => open(row.id)} />
        )}
      />
    );
  const inside = single && chosen !== undefined;
  return (
    <>
      <Bar
        title={t("place.workflows")}
        lead={
          inside ? (
            <IconButton
              label={t("common.back")}
              icon={<ChevronLeft size={18} strokeWidth={1.75} aria-hidden />}
              onClick={() => open(undefined)}
              className="-ml-2"
            />
          ) : undefined
        }
        views={
          inside ? undefined : (
            <Segmented
              label={t("runs.which")}
              value={trouble ? "trouble" : "all"}
              onChange={(value) => {
                setTrouble(value === "trouble");
                if (id) open(undefined);
              }}
              options={[
                { value: "all", label: t("runs.all") },
                { value: "trouble", label: t("runs.trouble") },
              ]}
            />
          )
        }
      />
      <div className="flex min-h-0 flex-1">
        {single ? (
          inside ? null : (
            <section aria-label={t("runs.list")} className="flex min-w-0 flex-1 flex-col">
              {list}
            </section>
          )
        ) : (
          <Pane
            place="runs.list"
            side="start"
            initial={280}
            min={232}
            max={392}
            label={t("runs.list")}
          >
            {list}
          </Pane>
        )}
        {chosen ? <Run key={chosen} id={chosen} /> : single ? null : <div className="flex-1" />}
      </div>
    </>
  );
}

function Line({
  row,
  current,
  now,
  onOpen,
}: {
  row: RunRow;
  current: boolean;
  now: number;
  onOpen: () => void;
}) {
  const { t } = useTranslation();
  const named = useNamed();
  const zone = machineZone();
  const look = runLook[row.state];
  const when =
    dayKey(row.started_at, zone) === dayKey(now, zone)
      ? clock(row.started_at, zone)
      : tinyDay(row.started_at, zone);
  const workflow = named(`workflow.${row.workflow}`, row.workflow.replaceAll("_", " "));
  return (
    <button
      type="button"
      aria-current={current || undefined}
      onClick={onOpen}
      className={clsx(
        "flex h-full w-full items-start gap-2.5 border-b border-line px-4 py-2 text-left outline-offset-[-2px]!",
        current ? "selected bg-selected" : "hover:bg-hover",
      )}
    >
      <Glyph
        name={look.glyph}
        size={13}
        className={clsx(toneDot[look.tone], "mt-[3px]")}
        label={t(`runs.state.${row.state}`)}
      />
      <span className="min-w-0 flex-1">
        <span className="ellipsis block font-medium text-text" dir="auto">
          {row.title || workflow}
        </span>
        <span className="ellipsis block text-meta text-text-2">
          {row.error ?? t("runs.line", { workflow, state: t(`runs.state.${row.state}`) })}
        </span>
      </span>
      <time dateTime={row.started_at} className="tnum shrink-0 text-meta text-text-2">
        {when}
      </time>
    </button>
  );
}
