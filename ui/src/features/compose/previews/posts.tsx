import { clsx } from "clsx";
import {
  Bookmark,
  ChartNoAxesColumn,
  Ellipsis,
  Heart,
  type LucideIcon,
  MessageSquare,
  Repeat2,
  Reply,
  Star,
} from "lucide-react";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import type { Options, PreparedSegment } from "@/bindings";
import { useCore } from "@/data";
import type { Highlight } from "@/shared/highlights";
import { Folded, HiddenPictures, OptionMarks, QuoteBox, Warned } from "@/shared/post-options";
import type { View } from "../model";
import { LinkCard, readsItself, UnreadCard } from "./cards";
import { PictureGrid, type Poster, PosterLine, Signs } from "./pieces";
import { PollBox } from "./polls";
import { PostText } from "./post-text";

export interface PostsProps {
  view: View;
  poster: Poster;
  lang: string | undefined;
  title: string;
  /** What was typed, by segment: the places of issues are in it. */
  typed: readonly string[];
  /** Nothing is folded. */
  open?: boolean;
  noted?: Noted;
}

/** Words that notes are about, by segment, and what their elements say for new ones. */
export interface Noted {
  parts: readonly (readonly Highlight[])[];
  attributes: Record<string, string>;
}

/** The same for one segment. */
function notedAt(noted: Noted | undefined, at: number) {
  if (!noted) return {};
  return {
    highlights: noted.parts[at] ?? [],
    attributes: { ...noted.attributes, "data-note-part": at },
  };
}

interface Skin {
  signs: readonly LucideIcon[];
  square?: boolean;
  lines?: 1 | 2;
  shorten?: boolean;
}

const skins: Record<string, Skin> = {
  bluesky: { signs: [MessageSquare, Repeat2, Heart, Ellipsis] },
  x: {
    signs: [MessageSquare, Repeat2, Heart, ChartNoAxesColumn, Bookmark],
    lines: 1,
    shorten: true,
  },
  mastodon: { signs: [Reply, Repeat2, Star, Bookmark, Ellipsis], square: true },
};
const plain: Skin = { signs: [Heart, MessageSquare, Repeat2] };

/** A post, or the posts of a thread hanging on their line. */
export function Posts({ view, poster, lang, typed, open = false, noted }: PostsProps) {
  const skin = skins[view.network] ?? plain;
  const thread = view.segments.length > 1;
  return (
    <ol className="flex flex-col">
      {view.segments.map((segment, at) => (
        <li
          // Parts of a thread are told apart by their place alone.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={at}
          className={clsx("relative", at > 0 && "border-t border-line pt-3", thread && "pb-3")}
        >
          {thread && at < view.segments.length - 1 ? (
            <span
              aria-hidden
              className="absolute top-[54px] bottom-2 left-[17px] w-0.5 bg-line-2"
            />
          ) : null}
          <PosterLine poster={poster} square={skin.square ?? false} lines={skin.lines ?? 2} />
          <div className={clsx("mt-2 flex flex-col gap-2.5", thread && "pl-[46px]")}>
            {at === 0 ? <OptionMarks options={view.options} /> : null}
            <Warned options={view.options} lang={lang} open={open}>
              <PostText
                {...notedAt(noted, at)}
                segment={segment}
                issues={view.issues.filter((issue) => issue.segment === at)}
                typed={typed[at]}
                shorten={skin.shorten ?? false}
                lang={lang}
              />
              <Attached
                network={view.network}
                segment={segment}
                options={view.options}
                open={open}
              />
              {at === 0 && view.options.poll && view.network !== "bluesky" ? (
                <PollBox poll={view.options.poll} network={view.network} lang={lang} />
              ) : null}
              {at === 0 ? <QuoteBox quote={view.options.quote} /> : null}
            </Warned>
            <Signs icons={skin.signs} />
          </div>
        </li>
      ))}
    </ol>
  );
}

/** Pictures, else the card. */
function Attached({
  network,
  segment,
  options,
  open,
}: {
  network: string;
  segment: PreparedSegment;
  options: Options;
  open: boolean;
}) {
  if (segment.media.length > 0) {
    return (
      <HiddenPictures options={options} open={open}>
        <PictureGrid media={segment.media} network={network} />
      </HiddenPictures>
    );
  }
  // A poll or a quote stands where the card would.
  if (readsItself(network) && (options.poll || options.quote)) return null;
  if (segment.card) return <LinkCard card={segment.card} network={network} />;
  const link = segment.marks.find((mark) => mark.kind.type === "link");
  if (readsItself(network) && link?.kind.type === "link") {
    return <UnreadCard url={link.kind.url} network={network} />;
  }
  return null;
}

/** The longest heading made of a first line. */
const TITLE_SHOWN = 80;

/** The entry's page on the local site, as its adapter writes it. */
export function SitePage({ view, poster, lang, title, open = false, noted }: PostsProps) {
  const { t } = useTranslation();
  const core = useCore();
  const shown = view.options.content_warning || (view.segments[0]?.text ?? "");
  const first = [...(shown.split("\n")[0] ?? "")];
  // Without a title the page is called by its warning or first line, cut as its adapter cuts it.
  const heading =
    title.trim() ||
    (first.length > TITLE_SHOWN
      ? `${first.slice(0, TITLE_SHOWN).join("").trimEnd()}…`
      : first.join(""));
  return (
    <article className="flex flex-col gap-3 font-serif text-quote">
      <p className="ellipsis text-meta text-info-fg underline underline-offset-2">{poster.name}</p>
      <header>
        <h4 dir="auto" lang={lang} className="text-figure text-balance [overflow-wrap:anywhere]">
          {heading}
        </h4>
        <p className="tnum text-meta text-text-3">{poster.when ?? t("compose.now")}</p>
      </header>
      {view.segments.map((segment, at) => (
        <section
          // Parts are told apart by their place alone.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={at}
          className={clsx("flex flex-col gap-3", at > 0 && "border-t border-line pt-3")}
        >
          <Warned options={view.options} lang={lang} open={open}>
            <PostText segment={segment} lang={lang} links {...notedAt(noted, at)} />
            {segment.media.map((picture, place) => {
              const image = (
                <img
                  src={core.mediaUrl(picture.rendition.hash)}
                  alt={picture.alt}
                  style={{
                    aspectRatio: `${picture.rendition.width} / ${picture.rendition.height}`,
                  }}
                  className="max-w-full rounded-key bg-hover"
                />
              );
              return (
                // The same picture can stand twice.
                // biome-ignore lint/suspicious/noArrayIndexKey: see above
                <Fragment key={`${picture.rendition.hash}-${place}`}>
                  {view.options.sensitive && !view.options.content_warning ? (
                    <Folded summary={picture.alt} lang={lang} open={open}>
                      {image}
                    </Folded>
                  ) : (
                    image
                  )}
                </Fragment>
              );
            })}
            {segment.card ? <LinkCard card={segment.card} network="site" /> : null}
          </Warned>
        </section>
      ))}
    </article>
  );
}
