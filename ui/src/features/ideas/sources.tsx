import { Download, Ellipsis, Plus, RefreshCw, Trash2, Upload } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PersonaRef, SourceView } from "@/bindings";
import { useAct, useAnswer, useChange } from "@/data";
import {
  Button,
  EmptyState,
  figure,
  Glyph,
  type GlyphName,
  IconButton,
  MarkOutline,
  Menu,
  machineZone,
  SkeletonRows,
  Slant,
  say,
  soon,
  type Tone,
  toneDot,
} from "@/shared";
import { useNow } from "@/shared/use-now";
import { Page, ProblemState, sayProblem } from "@/shell";
import { SourceSheet } from "./source-sheet";

const looks: Record<SourceView["health"], { tone: Tone; glyph: GlyphName }> = {
  new: { tone: "info", glyph: "hourglass" },
  fine: { tone: "ok", glyph: "stop" },
  trouble: { tone: "warn", glyph: "ring-cross" },
  stopped: { tone: "bad", glyph: "octagon" },
};

/** Feeds and lists that are followed, and how reading them goes. */
export function Sources({
  personas,
  persona,
}: {
  personas: readonly PersonaRef[];
  /** Only what this one follows. */
  persona: string | undefined;
}) {
  const { t } = useTranslation();
  const now = useNow();
  const answer = useAnswer({ type: "sources" });
  const [sheet, setSheet] = useState<{ source?: SourceView }>();
  const all = answer.data ?? [];
  const shown = persona
    ? all.filter((one) => one.personas.some((follower) => follower.id === persona))
    : all;
  const first = persona ?? personas[0]?.id;
  return (
    <Page className="px-5 py-4">
      {answer.error && !answer.data ? (
        <ProblemState
          error={answer.error}
          onAgain={() => void answer.refetch()}
          className="h-fit max-w-xl"
        />
      ) : !answer.data ? (
        <SkeletonRows rows={6} height={46} label={t("common.reading")} />
      ) : (
        <>
          <div className="flex flex-wrap items-center justify-end gap-2 pb-3">
            <OpmlButtons personas={first ? [first] : []} none={all.length === 0} />
            <Button
              kind="primary"
              icon={<Plus size={14} strokeWidth={2} aria-hidden />}
              off={!first && t("ideas.no_persona")}
              onClick={() => setSheet({})}
            >
              {t("ideas.follow")}
            </Button>
          </div>
          {shown.length === 0 ? (
            <EmptyState
              className="pt-12"
              picture={<MarkOutline size={40} />}
              title={t("ideas.none_followed")}
              body={t("ideas.none_followed_body")}
            />
          ) : (
            <ul className="border-t border-line" aria-label={t("ideas.sources")}>
              {shown.map((source) => (
                <Line
                  key={source.id}
                  source={source}
                  now={now}
                  onEdit={() => setSheet({ source })}
                />
              ))}
            </ul>
          )}
          <p className="max-w-[640px] pt-4 text-meta text-text-2">{t("ideas.sources_means")}</p>
        </>
      )}
      {sheet ? (
        <SourceSheet
          {...(sheet.source ? { source: sheet.source } : {})}
          personas={personas}
          persona={first}
          onClose={() => setSheet(undefined)}
        />
      ) : null}
    </Page>
  );
}

/** The trouble of a source in words, or that there is none. */
function useHealth(): (source: SourceView) => string {
  const { t } = useTranslation();
  return (source) =>
    source.trouble
      ? t(`ideas.trouble.${source.trouble}`, { words: source.words ?? "" })
      : t(`ideas.health.${source.health}`);
}

function Line({ source, now, onEdit }: { source: SourceView; now: number; onEdit: () => void }) {
  const { t } = useTranslation();
  const zone = machineZone();
  const health = useHealth();
  const change = useChange();
  const collect = useAct<"collect_now">();
  const look = looks[source.health];
  const follow = () =>
    change.mutate(
      { mutation: { type: "save_source", id: source.id, source: source.source } },
      { onError: (error) => sayProblem(error, follow) },
    );
  const remove = () =>
    change.mutate(
      { mutation: { type: "remove_source", id: source.id } },
      {
        onSuccess: () =>
          say({
            text: t("ideas.removed", { title: source.title }),
            action: { label: t("action.undo"), keys: "Mod+Z", onAct: follow },
          }),
        onError: (error) => sayProblem(error, remove),
      },
    );
  const read = () =>
    collect.mutate(
      { act: { type: "collect_now", source: source.id } },
      { onError: (error) => sayProblem(error, read) },
    );
  const { feed } = source.source;
  const address = feed.tag
    ? `${new URL(feed.address).host} #${feed.tag}`
    : feed.kind === "feed"
      ? feed.address
      : new URL(feed.address).host;
  const next =
    source.next_at && source.health !== "fine"
      ? t("ideas.next_try", { time: soon(source.next_at, zone, now) })
      : undefined;
  return (
    <li className="flex min-h-[52px] items-center gap-3 border-b border-line py-1.5">
      <Glyph name={look.glyph} size={13} className={toneDot[look.tone]} />
      <span className="min-w-0 flex-1">
        <span className="ellipsis block font-medium text-text" dir="auto">
          {source.title}
        </span>
        <span className="ellipsis block text-meta text-text-2" dir="ltr" title={feed.address}>
          {t(`ideas.source.${feed.kind}`)}, {address}
        </span>
      </span>
      <span className="w-[300px] shrink-0 text-meta text-text-2 max-md:hidden">
        <span className="block wrap-anywhere">{health(source)}</span>
        <span className="tnum block">
          {[
            source.read_at ? t("ideas.read_at", { time: soon(source.read_at, zone, now) }) : "",
            next,
          ]
            .filter(Boolean)
            .join(" ")}
        </span>
      </span>
      <span className="inline-flex w-14 shrink-0 gap-1 max-md:hidden">
        {source.personas.slice(0, 5).map((one) => (
          <span key={one.id} title={one.name} className="inline-flex">
            <Slant hue={one.hue} height={12} />
            <span className="sr-only">{one.name}</span>
          </span>
        ))}
      </span>
      <span className="tnum w-24 shrink-0 text-right text-meta text-text-2 max-md:hidden">
        {t("ideas.a_week", { items: figure(source.items) })}
      </span>
      <IconButton
        size="row"
        label={t("ideas.read_now", { title: source.title })}
        icon={<RefreshCw size={14} strokeWidth={1.75} aria-hidden />}
        onClick={read}
      />
      <Menu
        trigger={
          <IconButton
            size="row"
            label={t("ideas.more_of", { title: source.title })}
            icon={<Ellipsis size={15} strokeWidth={1.75} aria-hidden />}
          />
        }
        groups={[
          [{ id: "edit", label: t("action.edit"), onSelect: onEdit }],
          [
            {
              id: "remove",
              label: t("ideas.unfollow"),
              icon: <Trash2 size={14} strokeWidth={1.75} aria-hidden />,
              danger: true,
              onSelect: remove,
            },
          ],
        ]}
      />
    </li>
  );
}

function OpmlButtons({ personas, none }: { personas: string[]; none: boolean }) {
  const { t } = useTranslation();
  const file = useRef<HTMLInputElement>(null);
  const bring = useAct<"import_opml">();
  const take = useAct<"export_opml">();
  const read = async (chosen: File | undefined) => {
    if (!chosen) return;
    const text = await chosen.text();
    bring.mutate(
      { act: { type: "import_opml", text, personas } },
      {
        onSuccess: ({ added, known }) =>
          say({
            text: t("ideas.imported", {
              added: t("ideas.imported_new", { count: added }),
              known: t("ideas.imported_known", { count: known }),
            }),
          }),
        onError: (error) => sayProblem(error),
      },
    );
  };
  const write = () =>
    take.mutate(
      { act: { type: "export_opml" } },
      {
        onSuccess: ({ text }) => {
          const url = URL.createObjectURL(new Blob([text], { type: "text/x-opml" }));
          const link = document.createElement("a");
          link.href = url;
          link.download = "rostrum.opml";
          link.click();
          URL.revokeObjectURL(url);
        },
        onError: (error) => sayProblem(error, write),
      },
    );
  return (
    <>
      <input
        ref={file}
        type="file"
        accept=".opml,.xml,text/x-opml,text/xml"
        className="hidden"
        aria-label={t("ideas.import")}
        onChange={(event) => {
          void read(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
      <Button
        kind="ghost"
        icon={<Upload size={14} strokeWidth={2} aria-hidden />}
        busy={bring.isPending}
        off={personas.length === 0 && t("ideas.no_persona")}
        onClick={() => file.current?.click()}
      >
        {t("ideas.import")}
      </Button>
      <Button
        kind="ghost"
        icon={<Download size={14} strokeWidth={2} aria-hidden />}
        off={none && t("ideas.no_sources")}
        onClick={write}
      >
        {t("ideas.export")}
      </Button>
    </>
  );
}
