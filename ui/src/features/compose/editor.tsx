import { clsx } from "clsx";
import { type ClipboardEvent, type Ref, useMemo } from "react";
import type { Issue, Mark } from "@/bindings";
import { carried, marksInTyped, runsOf } from "./spans";

const type = "p-0 font-serif text-write whitespace-pre-wrap [overflow-wrap:anywhere]";

/**
 * A text field with what the core found drawn under the words: links, mentions and tags, the
 * ground of what is over the limit, and a wavy line under what is wrong. The words of the field
 * itself are see-through; the drawing below has the same measure.
 */
export function Editor({
  value,
  onText,
  prepared,
  label,
  placeholder,
  language,
  describedBy,
  onFiles,
  ref,
  className,
  ...rest
}: {
  value: string;
  onText: (text: string) => void;
  /** What was found, and the text that it was found in. */
  prepared:
    | {
        typed: string;
        text: string;
        marks: readonly Mark[];
        issues: readonly Pick<Issue, "code" | "span">[];
      }
    | undefined;
  label: string;
  placeholder?: string;
  language: string | undefined;
  describedBy?: string;
  onFiles: (files: File[]) => void;
  ref?: Ref<HTMLTextAreaElement>;
  className?: string;
  onFocus?: () => void;
  onBlur?: () => void;
  onKeyDown?: (event: React.KeyboardEvent<HTMLTextAreaElement>) => void;
}) {
  const runs = useMemo(() => {
    if (!prepared) return runsOf(value, [], []);
    const { typed, text, marks, issues } = prepared;
    const at = <T extends { start: number; end: number }>(span: T): T[] => {
      const now = carried(span, typed, value);
      return now ? [{ ...span, ...now }] : [];
    };
    return runsOf(
      value,
      marksInTyped(typed, text, marks).flatMap(at),
      issues.flatMap(({ code, span }) =>
        span ? at(span).map((now) => ({ code, span: now })) : [],
      ),
    );
  }, [value, prepared]);

  const paste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  };
  return (
    <div className={clsx("relative", className)}>
      <div
        aria-hidden
        dir="auto"
        lang={language}
        className={clsx(type, "min-h-[inherit] text-text")}
      >
        {runs.map((run) => (
          <span
            key={run.start}
            className={clsx(
              run.mark && "text-accent-text",
              run.over && "rounded-[2px] bg-bad-bg box-decoration-clone",
              run.wavy && "wavy",
            )}
          >
            {value.slice(run.start, run.end)}
          </span>
        ))}
        {/* A line that ends the text has a height of its own. */}
        {"\u200b"}
      </div>
      <textarea
        {...rest}
        ref={ref}
        dir="auto"
        lang={language}
        spellCheck
        value={value}
        aria-label={label}
        aria-describedby={describedBy}
        placeholder={placeholder}
        onChange={(event) => onText(event.target.value)}
        onPaste={paste}
        className={clsx(
          type,
          "absolute inset-0 h-full w-full resize-none overflow-hidden bg-transparent text-transparent outline-none forced-color-adjust-none",
        )}
      />
    </div>
  );
}
