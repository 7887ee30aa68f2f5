import { useNavigate, useSearch } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContentRow, ContentStatus, QueueFilter } from "@/bindings";
import { useAnswer, usePages } from "@/data";
import {
  Button,
  contentLook,
  dayAndClock,
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
  offerOf,
  ProblemState,
  type QueueSearch,
  useActions,
  useGo,
  useList,
  useNarrow,
  useSubject,
} from "@/shell";
import { TemplatesButton } from "../templates";
import { BulkBar } from "./bulk";
import { arrange, GROUP_HEIGHT, type Line, ROW_HEIGHT } from "./lines";
import { BulkReport } from "./report";
import { GroupLine, QueueRow } from "./row";
import { useBulk } from "./use-bulk";
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
    ...(search.needs ? { needs: true } : {}),
  };
  const pages = usePages<"queue">({ type: "queue", filter, limit: PAGE }, { keep: true });
  const grouped = view === "all" && !find && !search.status && !search.needs;
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
  const anchor = useRef<string>(undefined);
  const bulk = useBulk(() => setChosen(new Set()));
  /** Chosen or not; with Shift all from the last one on. */
  const toggle = (row: ContentRow, range = false) => {
    const from = visible.findIndex((one) => one.id === anchor.current);
    const to = visible.indexOf(row);
    anchor.current = row.id;
    setChosen((old) => {
      const next = new Set(old);
      if (range && from >= 0 && to >= 0) {
        const [first, last] = from < to ? [from, to] : [to, from];
        for (const one of visible.slice(first, last + 1)) next.add(one.id);
      } else if (!next.delete(row.id)) next.add(row.id);
      return next;
    });
  };
  const toggleAll = (rows: readonly ContentRow[]) =>
    setChosen((old) => {
      const next = new Set(old);
      const all = rows.every((row) => old.has(row.id));
      for (const row of rows) {
        if (all) next.delete(row.id);
        else next.add(row.id);
      }
      return next;
    });
  useActions({
    "list.find": () => field.current?.focus(),
    "list.select": current && (() => toggle(current)),
    "list.select_range": current && (() => toggle(current, true)),
    "list.select_all": visible.length > 0 && (() => toggleAll(visible)),
    "list.select_none": chosen.size > 0 && (() => setChosen(new Set())),
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
            onChange={(next) =>
              set({ view: next === "all" ? undefined : next, status: undefined, needs: undefined })
            }
            options={(["all", "drafts", "planned", "sent"] as const).map((value) => ({
              value,
              label: t(`queue.view.${value}`),
            }))}
          />
        }
        actions={<TemplatesButton onOpen={() => offerOf("post.from_template")?.run()} />}
        newPost
      />
      <FilterRow
        aside={
          <>
            {search.persona ? <NextSlot persona={search.persona} /> : null}
            <SearchField
              ref={field}
              value={search.find ?? ""}
              onText={(text) => set({ find: text })}
              label={t("queue.find")}
              className="w-44"
            />
          </>
        }
      >
        {picked.length > 0 ? (
          <BulkBar rows={picked} bulk={bulk} onClear={() => setChosen(new Set())} />
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
              value={search.needs ? "needs" : (search.status ?? "")}
              onChange={(status) =>
                set({
                  needs: status === "needs" ? "yes" : undefined,
                  status: status === "" || status === "needs" ? undefined : status,
                })
              }
              choices={[
                { value: "" as ContentStatus | "needs" | "", label: t("queue.any_status") },
                { value: "needs" as const, label: t("queue.group.needs") },
                ...(Object.keys(contentLook) as ContentStatus[]).map((status) => ({
                  value: status as ContentStatus | "needs" | "",
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
                  chosen={line.rows.every((row) => chosen.has(row.id))}
                  onChoose={() => toggleAll(line.rows)}
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
                  onToggle={(range) => toggle(line.row, range)}
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
              search.persona || search.status || search.view || search.needs ? (
                <Button
                  onClick={() =>
                    set({
                      persona: undefined,
                      status: undefined,
                      view: undefined,
                      needs: undefined,
                    })
                  }
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
      <BulkReport bulk={bulk} />
    </>
  );
}

/** The persona's next free slot; pressing it writes for it. */
function NextSlot({ persona }: { persona: string }) {
  const { t } = useTranslation();
  const go = useGo();
  const slot = useAnswer({ type: "free_slots", persona, limit: 1 }).data?.[0];
  if (!slot) return null;
  const { at, wall, zone } = slot.planned;
  return (
    <Button
      size="row"
      kind="ghost"
      className="max-md:hidden"
      onClick={() => go({ type: "write", persona, at: wall, zone })}
    >
      {t("queue.next_slot", { time: dayAndClock(at, zone) })}
    </Button>
  );
}
