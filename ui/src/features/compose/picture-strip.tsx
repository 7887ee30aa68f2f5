import { clsx } from "clsx";
import {
  ArrowLeft,
  ArrowRight,
  Check,
  ImageOff,
  MessageSquareText,
  ShieldCheck,
  TriangleAlert,
  X,
} from "lucide-react";
import { type DragEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Asset } from "@/bindings";
import { useAnswer, useCore } from "@/data";
import { Button, Glyph, IconButton, Menu } from "@/shared";
import { editPart, moved, picturesOf } from "./model";
import { fileSize, type Upload } from "./pictures";
import { useComposer } from "./use-composer";

const DRAG = "application/x-rostrum-picture";

/** Facts of all pictures of the body. */
export function useAssets(): (hash: string) => Asset | undefined {
  const { body, detail } = useComposer();
  const hashes = picturesOf(body);
  const answer = useAnswer({ type: "assets", hashes }, { enabled: hashes.length > 0, keep: true });
  return (hash) =>
    answer.data?.find((asset) => asset.facts.hash === hash) ??
    detail?.assets.find((asset) => asset.facts.hash === hash);
}

/** The pictures of one part: the chosen one with its facts, the others small. */
export function PictureStrip({ part: index }: { part: number }) {
  const { t } = useTranslation();
  const composer = useComposer();
  const { text, at, uploads, editText, tab } = composer;
  const assetOf = useAssets();
  const [chosen, setChosen] = useState(0);
  const media = text.segments[index]?.media ?? [];
  const coming = at === index ? uploads : [];
  if (media.length === 0 && coming.length === 0) return null;

  const main = Math.min(chosen, Math.max(0, media.length - 1));
  const arrange = (from: number, to: number) => {
    editText((now) =>
      editPart(now, index, (part) => ({ ...part, media: moved(part.media, from, to) })),
    );
    setChosen(to);
  };
  const remove = (which: number) => {
    const name = assetOf(media[which]?.asset ?? "")?.facts.name ?? t("compose.picture");
    editText(
      (now) =>
        editPart(now, index, (part) => ({
          ...part,
          media: part.media.filter((_, place) => place !== which),
        })),
      t("compose.done.picture_removed", { name }),
    );
  };
  return (
    <div className="flex flex-col gap-3 border-t border-line px-6 py-3">
      {media.length > 0 ? (
        <div className="flex items-start gap-3">
          {media
            .map((use, place) => (
              <Thumb
                // The same picture can stand twice.
                // biome-ignore lint/suspicious/noArrayIndexKey: see above
                key={`${tab.key}-${use.asset}-${place}`}
                asset={assetOf(use.asset)}
                hash={use.asset}
                alt={use.alt ?? ""}
                big={place === main}
                place={place}
                last={media.length - 1}
                onChoose={() => setChosen(place)}
                onMove={(to) => arrange(place, to)}
                onTake={(from) => arrange(from, place)}
                onRemove={() => remove(place)}
              />
            ))
            .flatMap((thumb, place) => {
              const use = media[place];
              return place === main && use
                ? [
                    thumb,
                    <Facts
                      key="facts"
                      asset={assetOf(use.asset)}
                      hash={use.asset}
                      alt={use.alt ?? ""}
                    />,
                  ]
                : [thumb];
            })}
        </div>
      ) : null}
      {coming.map((upload) => (
        <UploadRow key={upload.id} upload={upload} />
      ))}
    </div>
  );
}

function Thumb({
  asset,
  hash,
  alt,
  big,
  place,
  last,
  onChoose,
  onMove,
  onTake,
  onRemove,
}: {
  asset: Asset | undefined;
  hash: string;
  alt: string;
  big: boolean;
  place: number;
  last: number;
  onChoose: () => void;
  onMove: (to: number) => void;
  onTake: (from: number) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation();
  const core = useCore();
  const { describe, findings } = useComposer();
  const name = asset?.facts.name ?? t("compose.picture");
  const needed = findings.some(
    (finding) => finding.code === "alt_missing" && finding.severity === "error",
  );
  const icon = { size: 14, strokeWidth: 1.75, "aria-hidden": true } as const;
  return (
    // Only takes what is dragged onto it; the button inside does the same with keys and a menu.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div
      className="relative shrink-0"
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes(DRAG)) event.preventDefault();
      }}
      onDrop={(event: DragEvent) => {
        const from = event.dataTransfer.getData(DRAG);
        if (from === "") return;
        event.preventDefault();
        event.stopPropagation();
        onTake(Number(from));
      }}
    >
      <Menu
        align="start"
        trigger={
          <button
            type="button"
            draggable
            onDragStart={(event) => event.dataTransfer.setData(DRAG, String(place))}
            onFocus={onChoose}
            onKeyDown={(event) => {
              const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
              if (event.altKey && step !== 0 && place + step >= 0 && place + step <= last) {
                event.preventDefault();
                onMove(place + step);
              } else if (event.key === "Delete" || event.key === "Backspace") {
                event.preventDefault();
                onRemove();
              }
            }}
            aria-label={t(alt ? "compose.picture_alt" : "compose.picture_no_alt", {
              n: place + 1,
              name,
              alt,
            })}
            className={clsx(
              "relative block overflow-hidden rounded-key bg-hover",
              big ? "h-[84px] w-[116px]" : "size-[84px]",
            )}
          >
            {asset ? (
              <img
                src={core.mediaUrl(asset.thumbnail || hash)}
                alt=""
                draggable={false}
                className="size-full object-cover"
              />
            ) : (
              <ImageOff size={18} strokeWidth={1.5} aria-hidden className="m-auto text-text-3" />
            )}
            <span
              data-theme="dark"
              className="absolute bottom-1 left-1 flex h-4 items-center gap-1 rounded-[3px] bg-bg/85 px-1 text-[10px] leading-4 font-medium text-text"
            >
              {alt ? (
                <>
                  <Check size={10} strokeWidth={2.5} aria-hidden />
                  ALT
                </>
              ) : (
                <>
                  <TriangleAlert size={10} strokeWidth={2} aria-hidden />
                  {t(needed ? "compose.alt_needed" : "compose.no_alt")}
                </>
              )}
            </span>
          </button>
        }
        groups={[
          [
            {
              id: "alt",
              label: t(alt ? "compose.alt_edit" : "compose.alt_write"),
              icon: <MessageSquareText {...icon} />,
              onSelect: () => describe(hash),
            },
            {
              id: "left",
              label: t("compose.picture_left"),
              icon: <ArrowLeft {...icon} />,
              keys: "Alt+ArrowLeft",
              off: place === 0 && t("compose.off.first"),
              onSelect: () => onMove(place - 1),
            },
            {
              id: "right",
              label: t("compose.picture_right"),
              icon: <ArrowRight {...icon} />,
              keys: "Alt+ArrowRight",
              off: place === last && t("compose.off.last"),
              onSelect: () => onMove(place + 1),
            },
          ],
          [
            {
              id: "remove",
              label: t("compose.picture_remove"),
              icon: <X {...icon} />,
              keys: "Delete",
              danger: true,
              onSelect: onRemove,
            },
          ],
        ]}
      />
    </div>
  );
}

/** Name, size, description, what was removed, and what the networks get instead. */
function Facts({ asset, hash, alt }: { asset: Asset | undefined; hash: string; alt: string }) {
  const { t, i18n } = useTranslation();
  const { describe, views, nameOf, body } = useComposer();
  if (!asset) return <p className="flex-1 text-meta text-text-3">{t("compose.picture_reading")}</p>;
  const { facts } = asset;
  const size = (bytes: number) => fileSize(bytes, i18n.resolvedLanguage);
  const fitted = new Map<string, { text: string; networks: string[] }>();
  for (const view of views) {
    const rendition =
      view.segments
        .flatMap((segment) => segment.media)
        .find((media) => media.rendition.asset === hash)?.rendition ??
      asset.renditions[view.network];
    if (!rendition || rendition.hash === hash) continue;
    const text = t("compose.fitted", {
      before: size(facts.bytes),
      after: size(rendition.bytes),
      width: rendition.width,
      height: rendition.height,
    });
    const known = fitted.get(rendition.hash);
    if (!known) fitted.set(rendition.hash, { text, networks: [nameOf(view.network)] });
    else if (!known.networks.includes(nameOf(view.network)))
      known.networks.push(nameOf(view.network));
  }
  return (
    <div className="min-w-0 flex-1 text-meta text-text-2">
      <p className="flex gap-2">
        <span className="ellipsis font-strong text-text" title={facts.name}>
          {facts.name}
        </span>
        <span className="tnum shrink-0 text-text-3">{size(facts.bytes)}</span>
      </p>
      <button
        type="button"
        onClick={() => describe(hash)}
        className="block max-w-full rounded-key text-left hover:text-text hover:underline"
        lang={body.languages[0]}
        dir="auto"
      >
        {alt ? <span className="line-clamp-3">“{alt}”</span> : t("compose.alt_ask")}
      </button>
      {alt ? (
        <p className="flex items-center gap-1.5">
          <Check size={12} strokeWidth={2} aria-hidden className="text-ok-dot" />
          {t("compose.alt_there")}
        </p>
      ) : null}
      {facts.location_removed ? (
        <p className="flex items-center gap-1.5">
          <ShieldCheck size={12} strokeWidth={1.75} aria-hidden className="text-text-3" />
          {t("compose.location_removed")}
        </p>
      ) : null}
      {[...fitted.values()].map(({ text, networks }) => (
        <p key={text} className="tnum text-text-3">
          {networks.join(", ")}: {text}
        </p>
      ))}
    </div>
  );
}

/** A file on its way, or refused with its reason and the way out. */
function UploadRow({ upload }: { upload: Upload }) {
  const { t, i18n } = useTranslation();
  const { dismissUpload } = useComposer();
  const { progress, problem } = upload;
  const share = progress?.total ? progress.done / progress.total : undefined;
  if (problem) {
    return (
      <div
        role="alert"
        className="chip flex items-start gap-2 rounded-control bg-bad-bg px-3 py-2 text-bad-fg"
      >
        <Glyph name="octagon" size={14} className="mt-[3px]" />
        <div className="min-w-0 flex-1" data-selectable>
          <p className="ellipsis font-strong">{t("compose.refused", { name: upload.name })}</p>
          <p className="first-letter:uppercase">
            {problem.message || t(`problem.${problem.code}`)}
          </p>
        </div>
        <IconButton
          size="row"
          label={t("compose.put_away")}
          icon={<X size={14} strokeWidth={2} aria-hidden />}
          onClick={() => dismissUpload(upload.id)}
        />
      </div>
    );
  }
  return (
    <div role="status" className="flex items-center gap-3">
      <div className="min-w-0 flex-1">
        <div className="flex justify-between gap-3 text-meta">
          <span className="ellipsis">{t("compose.importing", { name: upload.name })}</span>
          <span className="tnum shrink-0 text-text-3">
            {fileSize(upload.bytes, i18n.resolvedLanguage)}
          </span>
        </div>
        <div className="mt-1 h-[3px] overflow-hidden rounded-full bg-hover">
          <div
            className={clsx(
              "h-full rounded-full bg-accent",
              share === undefined && "skeleton w-1/3",
            )}
            style={share === undefined ? undefined : { width: `${Math.round(share * 100)}%` }}
          />
        </div>
      </div>
      <Button size="row" onClick={upload.cancel}>
        {t("compose.cancel")}
      </Button>
    </div>
  );
}
