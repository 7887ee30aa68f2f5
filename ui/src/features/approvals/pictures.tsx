import { Check, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { AssetFacts, PreparedTarget } from "@/bindings";
import { useCore } from "@/data";
import { NoteOnPicture } from "../notes";
import { type PictureChange, picturesGone, picturesOf } from "./texts";

/** Pictures with their alternative text and what changed about them. */
export function Pictures({
  target,
  before,
  beforeN,
  media,
  lang,
}: {
  target: PreparedTarget;
  before: PreparedTarget | undefined;
  beforeN: number | undefined;
  /** Facts of the files in the version. */
  media: readonly AssetFacts[];
  lang: string | undefined;
}) {
  const { t } = useTranslation();
  const pictures = picturesOf(target, before);
  const gone = picturesGone(target, before);
  if (pictures.length + gone.length === 0) return null;
  return (
    <ul className="mt-5 flex flex-col gap-4" aria-label={t("approvals.pictures")}>
      {pictures.map((picture) => (
        <Picture
          key={picture.media.rendition.hash}
          picture={picture}
          facts={media.find((one) => one.hash === picture.media.rendition.asset)}
          beforeN={beforeN}
          lang={lang}
        />
      ))}
      {gone.map((one) => (
        <li key={one.rendition.hash} className="text-meta text-del">
          {t("approvals.picture.gone", {
            name: one.alt || t("approvals.picture.unnamed"),
            n: beforeN ?? 0,
          })}
        </li>
      ))}
    </ul>
  );
}

function Picture({
  picture,
  facts,
  beforeN,
  lang,
}: {
  picture: PictureChange;
  facts: AssetFacts | undefined;
  beforeN: number | undefined;
  lang: string | undefined;
}) {
  const { t } = useTranslation();
  const core = useCore();
  const { media, change } = picture;
  const more = [
    facts?.location_removed ? t("approvals.picture.location_removed") : undefined,
    change === "same" && beforeN ? t("approvals.picture.same", { n: beforeN }) : undefined,
    change === "new" ? t("approvals.picture.new") : undefined,
    change === "alt" ? t("approvals.picture.alt_changed") : undefined,
  ].filter((line): line is string => line !== undefined);
  return (
    <li className="flex gap-4 max-sm:flex-col max-sm:gap-2">
      <img
        src={core.mediaUrl(media.rendition.hash)}
        alt={media.alt}
        width={media.rendition.width}
        height={media.rendition.height}
        className="h-[94px] w-[150px] shrink-0 rounded-control bg-inset object-cover"
      />
      <div className="min-w-0 text-meta">
        <p className="ellipsis font-strong text-text-2">
          {facts?.name ?? t("approvals.picture.unnamed")}
        </p>
        {media.alt ? (
          <p dir="auto" lang={lang} data-selectable className="text-text-2">
            “{media.alt}”
          </p>
        ) : null}
        <p className="mt-0.5 flex items-start gap-1.5 text-text-2">
          {media.alt ? (
            <Check size={13} strokeWidth={2} aria-hidden className="mt-[1.5px] text-ok-dot" />
          ) : (
            <TriangleAlert
              size={13}
              strokeWidth={2}
              aria-hidden
              className="mt-[1.5px] text-warn-dot"
            />
          )}
          {[t(media.alt ? "approvals.picture.alt" : "approvals.picture.no_alt"), ...more].join(
            " · ",
          )}
        </p>
        <div className="-ml-2">
          <NoteOnPicture asset={media.rendition.asset} />
        </div>
      </div>
    </li>
  );
}
