import { diffWordsWithSpace } from "diff";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Highlighted } from "./highlighted";
import type { Highlight } from "./highlights";
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
  highlights = [],
  ...rest
}: {
  before: string;
  after: string;
  lang?: string;
  className?: string;
  /** Words of the later text that notes are about. */
  highlights?: readonly Highlight[];
}) {
  const parts = useMemo(() => {
    let from = 0;
    return wordDiff(before, after).parts.map((part) => {
      const placed = { ...part, from };
      if (part.kind !== "removed") from += [...part.text].length;
      return placed;
    });
  }, [before, after]);
  return (
    <p
      {...rest}
      dir="auto"
      lang={lang}
      data-selectable
      className={`whitespace-pre-wrap ${className}`}
    >
      {parts.map((part, at) => {
        // Parts are rendered from one comparison and never reordered.
        const key = `${at}-${part.kind}`;
        const words = (
          <Highlighted key={key} text={part.text} from={part.from} highlights={highlights} />
        );
        if (part.kind === "same") return words;
        return part.kind === "added" ? (
          <ins
            key={key}
            className="rounded-[2px] bg-add-bg text-add underline decoration-1 underline-offset-[3px]"
          >
            {words}
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
