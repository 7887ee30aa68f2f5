import { clsx } from "clsx";
import { useMemo } from "react";
import type { Issue, PreparedSegment } from "@/bindings";
import { Highlighted } from "@/shared/highlighted";
import type { Highlight } from "@/shared/highlights";
import { marksInUnits, runsOf } from "../spans";

/** How long X writes a link out. */
const LINK_SHOWN = 26;

/** A post's text as the network shows it: links, mentions and tags by its own offsets. */
export function PostText({
  segment,
  issues = [],
  typed,
  shorten = false,
  links = false,
  lang,
  className,
  highlights = [],
  attributes,
}: {
  segment: PreparedSegment;
  /** Of this segment; their places are in the text as typed. */
  issues?: readonly Issue[];
  typed?: string | undefined;
  /** Links without their scheme, cut. */
  shorten?: boolean;
  /** Only links are marked; mentions and tags are plain words. */
  links?: boolean;
  lang: string | undefined;
  className?: string;
  /** Words that notes are about, and what the element says of itself for new ones. */
  highlights?: readonly Highlight[];
  attributes?: Record<string, string | number>;
}) {
  const { text, marks } = segment;
  const runs = useMemo(() => {
    const lead = typed?.indexOf(text) ?? -1;
    const placed =
      lead < 0
        ? []
        : issues.flatMap(({ code, span }) =>
            span ? [{ code, span: { start: span.start - lead, end: span.end - lead } }] : [],
          );
    const over = placed.filter(({ code }) => code.startsWith("text_too_"));
    return runsOf(text, marksInUnits(text, marks), over);
  }, [text, marks, issues, typed]);
  return (
    <p
      {...attributes}
      dir="auto"
      lang={lang}
      data-selectable
      className={clsx("whitespace-pre-wrap [overflow-wrap:anywhere]", className)}
    >
      {runs.map((run) => {
        const words = text.slice(run.start, run.end);
        const shown =
          shorten && run.mark?.type === "link" ? shortened(words, run.start, run.end) : words;
        return (
          <span
            key={run.start}
            className={clsx(
              run.mark &&
                (!links || run.mark.type === "link") && [
                  "text-info-fg",
                  links && "underline underline-offset-2",
                ],
              run.over && "rounded-[2px] bg-bad-bg box-decoration-clone",
            )}
          >
            {shown === words ? (
              <Highlighted
                text={words}
                from={[...text.slice(0, run.start)].length}
                highlights={highlights}
              />
            ) : (
              shown
            )}
          </span>
        );
      })}
    </p>
  );
}

function shortened(words: string, start: number, end: number): string {
  const plain = words.replace(/^https?:\/\//, "");
  return end - start > LINK_SHOWN && plain.length > LINK_SHOWN
    ? `${plain.slice(0, LINK_SHOWN)}…`
    : plain;
}

/** `firnline.example`: the place that a card names. */
export function hostOf(url: string): string {
  try {
    return new URL(url).hostname.replace(/^www\./, "");
  } catch {
    return url;
  }
}
