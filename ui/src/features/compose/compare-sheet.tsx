import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Body, Variant, VersionRow } from "@/bindings";
import { useAnswer } from "@/data";
import {
  Button,
  clock,
  Dialog,
  DiffCounts,
  machineZone,
  networkName,
  Select,
  SkeletonRows,
  shortDay,
  WordDiff,
  wordDiff,
} from "@/shared";
import { optionChanges } from "@/shared/options";
import { ProblemState } from "@/shell";

/** One side of a comparison: a version by its number, or what is typed. */
export type Side = number | "typed";

/** What changed between any two versions, word by word; the first of the two can come back. */
export function CompareSheet({
  content,
  versions,
  typed,
  start,
  onRestore,
  onClose,
}: {
  content: string;
  /** Newest first. */
  versions: readonly VersionRow[];
  /** What is typed, where it differs from the newest version. */
  typed?: Body | undefined;
  start: { from: number; to: Side };
  /** Appends the first of the two as the newest. */
  onRestore?: (from: number, body: Body) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [from, setFrom] = useState(start.from);
  const [to, setTo] = useState(start.to);
  const before = useAnswer({ type: "version", content, n: from }, { keep: true });
  const other = to === "typed" ? from : to;
  const after = useAnswer({ type: "version", content, n: other }, { keep: true });
  const now = to === "typed" ? typed : after.data?.doc.body;
  const was = before.data?.doc.body;
  const error = before.error ?? after.error;
  const pairs = was && now ? textPairs(was, now) : [];
  const counted = pairs.map(({ before: old, after: next }) => wordDiff(old, next));
  const newest = versions[0]?.n;
  const zone = machineZone();
  const choices = versions.map((one) => ({
    value: String(one.n),
    label: (
      <span className="flex gap-2">
        <span>{t("content.version", { n: one.n })}</span>
        <span className="tnum text-text-3">
          {shortDay(one.at, zone)}, {clock(one.at, zone)}
        </span>
      </span>
    ),
    name: t("content.version", { n: one.n }),
  }));
  return (
    <Dialog
      open
      onClose={onClose}
      width={640}
      title={
        to === "typed"
          ? t("compose.compare_typed", { n: from })
          : t("compose.compare_two", { from, to })
      }
      foot={
        <>
          {onRestore && was && (from !== newest || typed) ? (
            <Button
              onClick={() => {
                onRestore(from, was);
                onClose();
              }}
            >
              {t("compose.restore", { n: from })}
            </Button>
          ) : null}
          <Button kind="primary" onClick={onClose}>
            {t("common.close")}
          </Button>
        </>
      }
    >
      <div className="mb-4 grid grid-cols-2 gap-3">
        <Select
          label={t("compose.compare_from")}
          value={String(from)}
          onChange={(n) => setFrom(Number(n))}
          choices={choices}
        />
        <Select
          label={t("compose.compare_to")}
          value={String(to)}
          onChange={(side) => setTo(side === "typed" ? side : Number(side))}
          choices={
            typed
              ? [
                  {
                    value: "typed",
                    label: t("compose.compare_now"),
                    name: t("compose.compare_now"),
                  },
                  ...choices,
                ]
              : choices
          }
        />
      </div>
      {error ? (
        <ProblemState
          error={error}
          onAgain={() => {
            void before.refetch();
            void after.refetch();
          }}
        />
      ) : !was || !now ? (
        <SkeletonRows rows={3} label={t("common.reading")} />
      ) : (
        <div className="flex flex-col gap-4">
          <DiffCounts
            added={counted.reduce((sum, one) => sum + one.added, 0)}
            removed={counted.reduce((sum, one) => sum + one.removed, 0)}
          />
          {pairs.map((pair) => (
            <section key={pair.key}>
              {pairs.length > 1 ? (
                <h3 className="mb-1 text-meta font-strong text-text-2">
                  {pair.key === "shared"
                    ? t("compose.everywhere")
                    : pair.key === "title"
                      ? t("compose.title")
                      : networkName(pair.key.replace(/^network:/, ""), t("network.site"))}
                </h3>
              ) : null}
              <WordDiff before={pair.before} after={pair.after} lang={now.languages[0] ?? ""} />
            </section>
          ))}
          <Options before={was} after={now} />
          <Pictures before={was} after={now} />
        </div>
      )}
    </Dialog>
  );
}

/** Choices beside the texts that are other than they were. */
function Options({ before, after }: { before: Body; after: Body }) {
  const { t } = useTranslation();
  const keys = [
    "shared",
    ...new Set([...Object.keys(before.variants), ...Object.keys(after.variants)]),
  ];
  const of = (body: Body, key: string) => (body.variants[key] ?? body.shared).options;
  const lines = keys.flatMap((key) =>
    optionChanges(of(before, key), of(after, key), t).map((change) => ({ ...change, text: key })),
  );
  if (lines.length === 0) return null;
  return (
    <ul aria-label={t("options.title")} className="text-meta text-text-2">
      {lines.map(({ text, key, name, was, now }) => (
        <li key={`${text}-${key}`}>
          {text === "shared"
            ? name
            : `${networkName(text.replace(/^network:/, ""), t("network.site"))}, ${name}`}
          {": "}
          {was === undefined ? null : <del className="mr-1 text-del">{was}</del>}
          {now === undefined ? null : <ins className="text-add">{now}</ins>}
        </li>
      ))}
    </ul>
  );
}

/** Whether pictures came or went. */
function Pictures({ before, after }: { before: Body; after: Body }) {
  const { t } = useTranslation();
  const uses = (body: Body) =>
    [body.shared, ...Object.values(body.variants)].flatMap((text) =>
      text.segments.flatMap((part) => part.media.map((media) => media.asset)),
    );
  const old = new Set(uses(before));
  const next = new Set(uses(after));
  const added = [...next].filter((hash) => !old.has(hash)).length;
  const removed = [...old].filter((hash) => !next.has(hash)).length;
  if (added + removed === 0) return null;
  return (
    <p className="text-meta text-text-2">
      {[
        added > 0 && t("compose.pictures_added", { count: added }),
        removed > 0 && t("compose.pictures_removed", { count: removed }),
      ]
        .filter(Boolean)
        .join(", ")}
    </p>
  );
}

/** Texts that differ, and always the shared one. */
export function textPairs(
  before: Body,
  after: Body,
): { key: string; before: string; after: string }[] {
  const keys = [
    "shared",
    ...new Set([...Object.keys(before.variants), ...Object.keys(after.variants)]),
  ];
  const words = (body: Body, key: string) => {
    const text: Variant = key === "shared" ? body.shared : (body.variants[key] ?? body.shared);
    return text.segments.map((part) => part.text).join("\n\n");
  };
  const title = { key: "title", before: before.title ?? "", after: after.title ?? "" };
  return [
    ...(title.before === title.after ? [] : [title]),
    ...keys.map((key) => ({ key, before: words(before, key), after: words(after, key) })),
  ].filter((pair) => pair.key === "shared" || pair.before !== pair.after);
}
