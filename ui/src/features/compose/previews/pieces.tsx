import { clsx } from "clsx";
import type { LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { PreparedMedia } from "@/bindings";
import { useCore } from "@/data";
import { type HueName, PersonaAvatar } from "@/shared";

/** Who posts, as the network's account is known. */
export interface Poster {
  name: string;
  handle: string;
  hue: HueName;
  /** When it went out; absent while it is being written. */
  when?: string | undefined;
}

/** How a network lays several pictures out: the shape of the whole by count, gap and corners. */
interface Grid {
  2: string;
  3: string;
  4: string;
  look: string;
}

const wide = { 2: "aspect-[16/9]", 3: "aspect-[16/9]", 4: "aspect-[16/9]" };
const grids: Record<string, Grid> = {
  // Squares side by side; of three the first is as high as the other two; four are 3 to 2 each.
  bluesky: {
    2: "aspect-[2/1]",
    3: "aspect-[2/1]",
    4: "aspect-[3/2]",
    look: "gap-1 rounded-[12px]",
  },
  x: { ...wide, look: "gap-0.5 rounded-[16px]" },
  mastodon: { ...wide, look: "gap-0.5 rounded-card" },
};
const usual: Grid = { ...wide, look: "gap-0.5 rounded-card" };

/** The pictures of a post as its network arranges one to four of them; of more, how many follow. */
export function PictureGrid({
  media,
  network,
}: {
  media: readonly PreparedMedia[];
  network: string;
}) {
  const core = useCore();
  if (media.length === 0) return null;
  const shown = media.slice(0, 4);
  const grid = grids[network] ?? usual;
  return (
    <div
      data-pictures={shown.length}
      className={clsx(
        "grid overflow-hidden",
        grid.look,
        shown.length > 1 && ["grid-cols-2", grid[shown.length as 2 | 3 | 4]],
        shown.length > 2 && "grid-rows-2",
      )}
    >
      {shown.map((picture, at) => (
        <span
          // The same picture can stand twice.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={`${picture.rendition.hash}-${at}`}
          className={clsx(
            "relative block min-h-0 bg-hover",
            shown.length === 3 && at === 0 && "row-span-2",
          )}
        >
          <img
            src={core.mediaUrl(picture.rendition.hash)}
            alt={picture.alt}
            style={
              shown.length === 1
                ? { aspectRatio: `${picture.rendition.width} / ${picture.rendition.height}` }
                : undefined
            }
            className={clsx("size-full object-cover", shown.length === 1 && "max-h-[300px]")}
          />
          {at === 3 && media.length > shown.length ? (
            <span
              data-theme="dark"
              className="tnum absolute inset-0 flex items-center justify-center bg-bg/60 text-title text-text"
            >
              +{media.length - shown.length}
            </span>
          ) : null}
          {picture.alt ? (
            <span
              data-theme="dark"
              aria-hidden
              className="absolute bottom-1.5 left-1.5 rounded-[3px] bg-bg/85 px-1 text-[10px] leading-4 font-medium text-text"
            >
              ALT
            </span>
          ) : null}
        </span>
      ))}
    </div>
  );
}

/** The row of signs under a post; drawn, not to be pressed. */
export function Signs({ icons, className }: { icons: readonly LucideIcon[]; className?: string }) {
  return (
    <div aria-hidden className={clsx("flex justify-between pr-10 text-text-3", className)}>
      {icons.map((Icon) => (
        <Icon key={Icon.displayName} size={16} strokeWidth={1.75} />
      ))}
    </div>
  );
}

/** Round letters, the name, the handle, "now". */
export function PosterLine({
  poster,
  square = false,
  lines = 2,
  suffix = "",
}: {
  poster: Poster;
  square?: boolean;
  lines?: 1 | 2;
  suffix?: string;
}) {
  const { t } = useTranslation();
  const handle = poster.handle
    ? poster.handle.startsWith("@")
      ? poster.handle
      : `@${poster.handle}`
    : "";
  return (
    <div className="flex min-w-0 items-center gap-2.5">
      <PersonaAvatar
        name={poster.name}
        hue={poster.hue}
        size={36}
        {...(square ? { className: "rounded-control!" } : {})}
      />
      <div className={clsx("min-w-0", lines === 1 && "flex items-baseline gap-1")}>
        <p className="ellipsis shrink-0 font-strong">{poster.name}</p>
        <p className="ellipsis text-text-3">
          {handle} · {poster.when ?? t("compose.now")}
          {suffix}
        </p>
      </div>
    </div>
  );
}
