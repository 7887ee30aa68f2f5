import { FileText, Globe } from "lucide-react";
import type { ComponentType } from "react";
import type { Card } from "@/bindings";
import { useCore } from "@/data";
import { hostOf } from "./post-text";

/** The page behind a link, as a network draws it. */
export function LinkCard({ card, network }: { card: Card; network: string }) {
  const Drawn = cards[network] ?? BlueskyCard;
  return (
    <div data-card={network}>
      <Drawn card={card} />
    </div>
  );
}

const wide = "block aspect-[1.91/1] w-full bg-hover object-cover";

/** Picture, title, two lines of it, and below a line the place with a globe. */
function BlueskyCard({ card }: { card: Card }) {
  const core = useCore();
  return (
    <div className="overflow-hidden rounded-[12px] border border-line">
      {card.image ? <img src={core.mediaUrl(card.image.hash)} alt="" className={wide} /> : null}
      <div className="flex flex-col gap-0.5 px-3 pt-2 pb-1.5">
        <p className="line-clamp-3 font-strong">{card.title || card.url}</p>
        {card.description ? <p className="clamp-2 text-text-2">{card.description}</p> : null}
      </div>
      <p className="mx-3 flex items-center gap-1 border-t border-line py-1.5 text-meta text-text-3">
        <Globe size={12} strokeWidth={1.75} aria-hidden className="shrink-0" />
        <span className="ellipsis">{hostOf(card.url)}</span>
      </p>
    </div>
  );
}

/** The place first, then the title; without a picture a leaf of paper stands beside them. */
function MastodonCard({ card }: { card: Card }) {
  const core = useCore();
  const words = (
    <div className="min-w-0 flex-1 px-3.5 py-3">
      <p className="ellipsis text-meta text-text-3">{hostOf(card.url)}</p>
      <p className="clamp-2 font-strong">{card.title || card.url}</p>
      {card.description ? (
        <p className="ellipsis mt-0.5 text-meta text-text-3">{card.description}</p>
      ) : null}
    </div>
  );
  return card.image ? (
    <div className="overflow-hidden rounded-card border border-line">
      <img src={core.mediaUrl(card.image.hash)} alt="" className={wide} />
      {words}
    </div>
  ) : (
    <div className="flex items-stretch overflow-hidden rounded-card border border-line">
      <span className="flex w-[72px] shrink-0 items-center justify-center bg-hover text-text-3">
        <FileText size={22} strokeWidth={1.5} aria-hidden />
      </span>
      {words}
    </div>
  );
}

/** Only the picture with the place on it; without one, a small row with the title. */
function XCard({ card }: { card: Card }) {
  const core = useCore();
  if (card.image) {
    return (
      <div className="relative overflow-hidden rounded-[16px] border border-line">
        <img src={core.mediaUrl(card.image.hash)} alt="" className={wide} />
        <span
          data-theme="dark"
          className="ellipsis absolute bottom-2.5 left-2.5 max-w-[calc(100%-20px)] rounded-key bg-bg/90 px-1.5 text-meta text-text"
        >
          {hostOf(card.url)}
        </span>
      </div>
    );
  }
  return (
    <div className="flex items-stretch overflow-hidden rounded-[16px] border border-line">
      <span className="flex w-[84px] shrink-0 items-center justify-center border-r border-line bg-hover text-text-3">
        <FileText size={22} strokeWidth={1.5} aria-hidden />
      </span>
      <div className="min-w-0 flex-1 px-3 py-2.5">
        <p className="ellipsis text-text-3">{hostOf(card.url)}</p>
        <p className="ellipsis">{card.title || card.url}</p>
        {card.description ? <p className="clamp-2 text-text-3">{card.description}</p> : null}
      </div>
    </div>
  );
}

/** As the site's own page writes it: picture, title and words in a frame. */
function SiteCard({ card }: { card: Card }) {
  const core = useCore();
  return (
    <div className="rounded-control border border-line px-3 py-2.5">
      {card.image ? (
        <img
          src={core.mediaUrl(card.image.hash)}
          alt=""
          className="mb-2 w-full rounded-key bg-hover"
        />
      ) : null}
      <p className="font-strong">{card.title || card.url}</p>
      {card.description ? <p className="text-meta text-text-3">{card.description}</p> : null}
    </div>
  );
}

const cards: Record<string, ComponentType<{ card: Card }>> = {
  bluesky: BlueskyCard,
  mastodon: MastodonCard,
  x: XCard,
  site: SiteCard,
};

/** These read the page themselves once the post is there; until then only its place is certain. */
export const readsItself = (network: string): boolean => network === "mastodon" || network === "x";

/** The place of a link whose card the network makes itself. */
export function UnreadCard({ url, network }: { url: string; network: string }) {
  return (
    <div
      data-card={network}
      className={`ellipsis border border-dashed border-line-2 px-3 py-2 text-text-3 ${network === "x" ? "rounded-[16px]" : "rounded-card"}`}
    >
      {hostOf(url)}
    </div>
  );
}
