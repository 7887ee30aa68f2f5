import { diffWordsWithSpace } from "diff";
import { Fragment, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Chip } from "./status";

export interface DiffPart {
  text: string;
  kind: "same" | "added" | "removed";
}

/** What changed, word by word, and how many words came and went. */
export function wordDiff(
  before: string,
  after: string,
): { parts: DiffPart[]; added: number; removed: number } {
  const parts = diffWordsWithSpace(before, after).map(
    (part): DiffPart => ({
      text: part.value,
      kind: part.added ? "added" : part.removed ? "removed" : "same",
    }),
  );
  const count = (kind: DiffPart["kind"]) =>
    parts
      .filter((part) => part.kind === kind)
      .reduce((sum, part) => sum + (part.text.match(/\S+/g)?.length ?? 0), 0);
  return { parts, added: count("added"), removed: count("removed") };
}

/** A text with its changes: added underlined, removed struck. */
export function WordDiff({
  before,
  after,
  lang,
  className = "font-serif text-diff",
}: {
  before: string;
  after: string;
  lang?: string;
  className?: string;
}) {
  const { parts } = useMemo(() => wordDiff(before, after), [before, after]);
  return (
    <p dir="auto" lang={lang} data-selectable className={`whitespace-pre-wrap ${className}`}>
      {parts.map((part, at) => {
        // Parts are rendered from one comparison and never reordered.
        const key = `${at}-${part.kind}`;
        if (part.kind === "same") return <Fragment key={key}>{part.text}</Fragment>;
        return part.kind === "added" ? (
          <ins
            key={key}
            className="rounded-[2px] bg-add-bg text-add underline decoration-1 underline-offset-[3px]"
          >
            {part.text}
          </ins>
        ) : (
          <del key={key} className="rounded-[2px] bg-del-bg text-del line-through decoration-1">
            {part.text}
          </del>
        );
      })}
    </p>
  );
}

/** The counts of a comparison, in words. */
export function DiffCounts({ added, removed }: { added: number; removed: number }) {
  const { t } = useTranslation();
  return (
    <span className="inline-flex gap-2">
      {added > 0 ? <Chip tone="ok">{t("diff.words_added", { count: added })}</Chip> : null}
      {removed > 0 ? <Chip tone="bad">{t("diff.words_removed", { count: removed })}</Chip> : null}
      {added + removed === 0 ? <Chip>{t("diff.no_change")}</Chip> : null}
    </span>
  );
}
