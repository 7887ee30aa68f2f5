import { useNavigate, useSearch } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContentRow, ContentStatus, QueueFilter } from "@/bindings";
import { useAnswer, usePages } from "@/data";
import {
  Button,
  contentLook,
  EmptyDayPicture,
  EmptyState,
  figure,
  MarkOutline,
  SearchField,
  Segmented,
  Select,
  SkeletonRows,
  Slant,
  VirtualList,
} from "@/shared";
import { useNow } from "@/shared/use-now";
import {
  Bar,
  FilterRow,
  NewPost,
  ProblemState,
  type QueueSearch,
  useActions,
  useGo,
  useList,
  useNarrow,
  useSubject,
} from "@/shell";
import { BulkBar } from "./bulk";
import { arrange, GROUP_HEIGHT, type Line, ROW_HEIGHT } from "./lines";
import { GroupLine, QueueRow } from "./row";
import { useContentVerbs } from "./verbs";

const PAGE = 100;

const views = {
  all: [],
  drafts: ["draft", "changes_requested", "rejected"],
  planned: ["in_review", "approved", "scheduled", "publishing"],
  sent: ["published", "partially_published"],
} as const satisfies Record<string, readonly ContentStatus[]>;

/** All content by status. */
export function Queue() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/queue" });
  const navigate = useNavigate({ from: "/queue" });
  const set = (change: Partial<QueueSearch>) => {
    const next = Object.entries({ ...search, ...change }).filter(([, value]) => value);
    void navigate({ search: Object.fromEntries(next), replace: true });
  };
  const view = search.view ?? "all";
  const find = useDeferredValue(search.find?.trim() ?? "");
  const overview = useAnswer({ type: "overview" }).data;
  const narrow = useNarrow("rail");
  const field = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [shut, setShut] = useState<ReadonlySet<string>>(new Set());

  const statuses: ContentStatus[] = search.status ? [search.status] : [...views[view]];
  const filter: QueueFilter = {
    statuses,
    ...(search.persona ? { persona: search.persona } : {}),
    ...(find ? { search: find } : {}),
  };
  const pages = usePages<"queue">({ type: "queue", filter, limit: PAGE }, { keep: true });
  const grouped = view === "all" && !find && !search.status;
  const needing = useAnswer(
    {
      type: "queue",
      filter: { needs: true, ...(search.persona ? { persona: search.persona } : {}) },
      limit: 50,
    },
    { enabled: grouped },
  );
  const now = useNow();
  const { lines, visible } = useMemo(() => {
    const rows = pages.data?.pages.flatMap((page) => page.rows) ?? [];
    const first = grouped ? (needing.data?.rows ?? []) : [];
    const all = arrange(rows, first, shut, now);
    return { lines: all, visible: all.flatMap((line) => (line.kind === "row" ? [line.row] : [])) };
  }, [pages.data, needing.data, grouped, shut, now]);
  const total = Object.values(pages.data?.pages[0]?.counts ?? {}).reduce((sum, n) => sum + n, 0);

  const go = useGo();
  const verbs = useContentVerbs();
  const {
    at,
    choose,
    chosen: current,
  } = useList(
    visible,
    (row) => row.id,
    (row) => go({ type: "content", id: row.id }),
  );
  useSubject(current?.headline);
  const toggle = (row: ContentRow) =>
    setChosen((old) => {
      const next = new Set(old);
      if (!next.delete(row.id)) next.add(row.id);
      return next;
    });
  useActions({
    "list.find": () => field.current?.focus(),
    "list.select": current && (() => toggle(current)),
    "content.edit": current && (() => verbs.edit(current)),
    "content.duplicate": current && (() => verbs.duplicate(current)),
    "content.cancel": current && verbs.canCancel(current) && (() => verbs.cancel([current])),
    "content.archive": current && (() => verbs.archive([current])),
  });

  const picked = visible.filter((row) => chosen.has(row.id));
  const selectedLine = lines.findIndex((line) => line.kind === "row" && line.row === current);

  return (
    <>
      <Bar
        title={t("place.queue")}
        fact={pages.data ? figure(search.persona ? visible.length : total) : undefined}
        views={
          <Segmented
            label={t("queue.views")}
            value={view}
            onChange={(next) => set({ view: next === "all" ? undefined : next, status: undefined })}
            options={(["all", "drafts", "planned", "sent"] as const).map((value) => ({
              value,
              label: t(`queue.view.${value}`),
            }))}
          />
        }
        newPost
      />
      <FilterRow
        aside={
          <SearchField
            ref={field}
            value={search.find ?? ""}
            onText={(text) => set({ find: text })}
            label={t("queue.find")}
            className="w-44"
          />
        }
      >
        {picked.length > 0 ? (
          <BulkBar rows={picked} verbs={verbs} onClear={() => setChosen(new Set())} />
        ) : (
          <>
            <Select
              look="filter"
              label={t("queue.persona")}
              value={search.persona ?? ""}
              onChange={(persona) => set({ persona })}
              choices={[
                { value: "", label: t("queue.all_personas") },
                ...(overview?.personas ?? []).map(({ persona }) => ({
                  value: persona.id,
                  name: persona.name,
                  label: (
                    <span className="inline-flex items-center gap-2">
                      <Slant hue={persona.hue} height={12} />
                      {persona.name}
                    </span>
                  ),
                })),
              ]}
            />
            <Select
              look="filter"
              label={t("queue.status")}
              value={search.status ?? ""}
              onChange={(status) => set({ status: status === "" ? undefined : status })}
              choices={[
                { value: "" as ContentStatus | "", label: t("queue.any_status") },
                ...(Object.keys(contentLook) as ContentStatus[]).map((status) => ({
                  value: status as ContentStatus | "",
                  label: t(`status.content.${status}`),
                })),
              ]}
            />
          </>
        )}
      </FilterRow>
      {pages.error && !pages.data ? (
        <ProblemState
          error={pages.error}
          onAgain={() => void pages.refetch()}
          className="m-5 max-w-xl"
        />
      ) : pages.data ? (
        lines.length > 0 ? (
          <VirtualList<Line>
            items={lines}
            label={t("place.queue")}
            height={(line) => (line.kind === "group" ? GROUP_HEIGHT : ROW_HEIGHT)}
            keyOf={(line) => line.key}
            selected={selectedLine}
            onEnd={pages.hasNextPage ? () => void pages.fetchNextPage() : undefined}
            className={pages.isPlaceholderData ? "opacity-60" : ""}
            render={(line) =>
              line.kind === "group" ? (
                <GroupLine
                  line={line}
                  onToggle={() =>
                    setShut((old) => {
                      const next = new Set(old);
                      if (!next.delete(line.group)) next.add(line.group);
                      return next;
                    })
                  }
                />
              ) : (
                <QueueRow
                  row={line.row}
                  find={find}
                  narrow={narrow}
                  current={visible[at] === line.row}
                  chosen={chosen.has(line.row.id)}
                  onChoose={() => choose(visible.indexOf(line.row))}
                  onToggle={() => toggle(line.row)}
                  verbs={verbs}
                />
              )
            }
          />
        ) : find ? (
          <EmptyState
            picture={<MarkOutline />}
            title={t("queue.none_found", { text: find })}
            body={t("queue.none_found_body", { count: total })}
            actions={
              search.persona || search.status || search.view ? (
                <Button
                  onClick={() => set({ persona: undefined, status: undefined, view: undefined })}
                >
                  {t("queue.search_all")}
                </Button>
              ) : (
                <Button onClick={() => set({ find: undefined })}>{t("queue.clear_search")}</Button>
              )
            }
          />
        ) : (
          <EmptyState
            picture={<EmptyDayPicture />}
            title={t(view === "all" ? "queue.empty_title" : `queue.empty.${view}`)}
            body={t("queue.empty_body")}
            actions={<NewPost />}
          />
        )
      ) : (
        <SkeletonRows rows={14} label={t("common.reading")} />
      )}
    </>
  );
}
