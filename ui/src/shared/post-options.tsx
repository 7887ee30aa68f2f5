import { clsx } from "clsx";
import {
  AtSign,
  ChevronRight,
  Globe,
  GlobeLock,
  Lock,
  type LucideIcon,
  MessageSquareLock,
  Quote,
  Sparkles,
  Tag,
} from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Options, Quote as QuotedPost, Visibility } from "@/bindings";
import { labelWord } from "./options";

const sight: Record<Visibility, LucideIcon> = {
  public: Globe,
  unlisted: GlobeLock,
  followers: Lock,
  direct: AtSign,
};

/** Who may read, reply and quote, and how it is marked: glyph and word each. */
export function OptionMarks({
  options,
  className,
}: {
  options: Options | undefined;
  className?: string;
}) {
  const { t } = useTranslation();
  if (!options) return null;
  const { visibility, replies } = options;
  const marks: [string, LucideIcon, string][] = [];
  if (visibility) marks.push(["visibility", sight[visibility], t(`visibility.${visibility}`)]);
  if (replies && replies !== "everyone") {
    marks.push(["replies", MessageSquareLock, t(`options.replies_only.${replies}`)]);
  }
  if (options.quotes_off) marks.push(["quotes", Quote, t("options.no_quotes")]);
  if (options.made_with_ai) marks.push(["ai", Sparkles, t("options.ai_mark")]);
  for (const label of options.labels ?? []) marks.push([label, Tag, labelWord(label, t)]);
  if (marks.length === 0) return null;
  return (
    <ul
      aria-label={t("options.title")}
      className={clsx("flex flex-wrap gap-x-3 gap-y-0.5 text-meta text-text-2", className)}
    >
      {marks.map(([key, Icon, words]) => (
        <li key={key} className="flex items-center gap-1.5">
          <Icon size={13} strokeWidth={1.75} aria-hidden className="shrink-0 text-text-3" />
          {words}
        </li>
      ))}
    </ul>
  );
}

/** The post that is quoted, as it was when the version was saved. */
export function QuoteBox({
  quote,
  className,
}: {
  quote: QuotedPost | undefined;
  className?: string;
}) {
  const { t } = useTranslation();
  if (!quote) return null;
  return (
    <blockquote
      aria-label={t("options.quote")}
      className={clsx("rounded-card border border-line px-2.5 py-2", className)}
    >
      <p className="ellipsis text-meta text-text-2">{quote.author || quote.address}</p>
      {quote.text ? (
        <p dir="auto" data-selectable className="whitespace-pre-wrap [overflow-wrap:anywhere]">
          {quote.text}
        </p>
      ) : null}
    </blockquote>
  );
}

/** What hides behind a click: the line that readers see first, and what is below it. */
export function Folded({
  summary,
  lang,
  open = false,
  children,
}: {
  /** The author's own words, or the window's. */
  summary: ReactNode;
  lang?: string | undefined;
  /** Begins unfolded: who decides has to see all of it. */
  open?: boolean;
  children: ReactNode;
}) {
  return (
    <details className="group" open={open}>
      <summary className="flex cursor-default list-none items-center gap-1.5 rounded-control bg-inset px-2.5 py-1.5 font-strong [&::-webkit-details-marker]:hidden">
        <ChevronRight
          size={14}
          strokeWidth={2}
          aria-hidden
          className="shrink-0 text-text-3 group-open:rotate-90"
        />
        <span dir="auto" lang={lang} className="min-w-0 [overflow-wrap:anywhere]">
          {summary}
        </span>
      </summary>
      <div className="pt-2.5">{children}</div>
    </details>
  );
}

/** Text and pictures as the options leave them: folded below a warning, or open. */
export function Warned({
  options,
  lang,
  open = false,
  children,
}: {
  options: Options | undefined;
  lang: string | undefined;
  open?: boolean;
  children: ReactNode;
}) {
  const warning = options?.content_warning;
  return warning ? (
    <Folded summary={warning} lang={lang} open={open}>
      <div className="flex flex-col gap-2.5">{children}</div>
    </Folded>
  ) : (
    children
  );
}

/** Pictures that the options hide. */
export function HiddenPictures({
  options,
  open = false,
  children,
}: {
  options: Options | undefined;
  open?: boolean;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const hidden = options?.sensitive === true || (options?.labels?.length ?? 0) > 0;
  return hidden ? (
    <Folded summary={t("options.pictures_hidden")} open={open}>
      {children}
    </Folded>
  ) : (
    children
  );
}
