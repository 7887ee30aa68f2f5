import { useTranslation } from "react-i18next";
import type {
  Account,
  Options,
  PersonaRef,
  PreparedMedia,
  PreparedSegment,
  PreparedTarget,
} from "@/bindings";
import { useCore } from "@/data";
import { NetworkTile, networkName, PersonaAvatar } from "@/shared";
import { HiddenPictures, OptionMarks, PollBox, QuoteBox, Warned } from "@/shared/post-options";
import { PreparedText } from "@/shared/prepared-text";

/** What one account will show, part by part, in the words and pictures that go out. */
export function PostPreview({
  target,
  account,
  persona,
}: {
  target: PreparedTarget;
  account: Account | undefined;
  persona: PersonaRef;
}) {
  const { t } = useTranslation();
  const name = account?.display_name || account?.handle || persona.name;
  const network = networkName(target.network, t("network.site"));
  return (
    <article
      aria-label={t("approvals.preview_of", { network })}
      className="w-full max-w-[420px] overflow-hidden rounded-card bg-raised shadow-[inset_0_0_0_1px_var(--line)]"
    >
      {target.segments.map((segment, at) => (
        <Part
          // Parts of a version never move.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={at}
          segment={segment}
          first={at === 0}
          last={at === target.segments.length - 1}
          title={at === 0 ? target.title : undefined}
          name={name}
          handle={account?.handle ?? ""}
          persona={persona}
          network={target.network}
          networkWord={network}
          lang={target.languages[0]}
          options={target.options}
        />
      ))}
    </article>
  );
}

function Part({
  segment,
  first,
  last,
  title,
  name,
  handle,
  persona,
  network,
  networkWord,
  lang,
  options,
}: {
  segment: PreparedSegment;
  first: boolean;
  last: boolean;
  title: string | undefined;
  name: string;
  handle: string;
  persona: PersonaRef;
  network: string;
  networkWord: string;
  lang: string | undefined;
  options: Options | undefined;
}) {
  return (
    <div className="relative flex gap-3 px-3.5 pt-3.5 pb-3">
      {last ? null : (
        <span aria-hidden className="absolute top-[50px] -bottom-3 left-[29.5px] w-px bg-line-2" />
      )}
      <PersonaAvatar name={persona.name} hue={persona.hue} size={32} />
      <div className="min-w-0 flex-1">
        <div className="flex items-center gap-1.5">
          <span className="ellipsis font-strong text-text">{name}</span>
          {handle && handle !== name ? (
            <span className="ellipsis text-meta text-text-3">{handle}</span>
          ) : null}
          {first ? <NetworkTile network={network} name={networkWord} className="ml-auto" /> : null}
        </div>
        {title ? (
          <p dir="auto" lang={lang} data-selectable className="mt-1 text-place">
            {title}
          </p>
        ) : null}
        {first ? <OptionMarks options={options} className="mt-0.5" /> : null}
        <div className="mt-1 flex flex-col gap-2.5">
          <Warned options={options} lang={lang} open>
            <PreparedText text={segment.text} marks={segment.marks} lang={lang} />
            {segment.media.length > 0 ? (
              <HiddenPictures options={options} open>
                <Images media={segment.media} />
              </HiddenPictures>
            ) : null}
            {segment.card ? (
              <div className="overflow-hidden rounded-card shadow-[inset_0_0_0_1px_var(--line)]">
                {segment.card.image ? <CardImage hash={segment.card.image.hash} /> : null}
                <div className="px-3 py-2">
                  <p className="text-meta font-strong text-text">{segment.card.title}</p>
                  <p className="clamp-2 text-meta text-text-2">{segment.card.description}</p>
                  <p className="ellipsis text-axis text-text-3">{hostOf(segment.card.url)}</p>
                </div>
              </div>
            ) : null}
            {first && options?.poll ? <PollBox poll={options.poll} lang={lang} /> : null}
            {first ? <QuoteBox quote={options?.quote} /> : null}
          </Warned>
        </div>
      </div>
    </div>
  );
}

function CardImage({ hash }: { hash: string }) {
  const core = useCore();
  return <img src={core.mediaUrl(hash)} alt="" className="h-36 w-full bg-inset object-cover" />;
}

function Images({ media }: { media: readonly PreparedMedia[] }) {
  const core = useCore();
  return (
    <div
      className="grid gap-0.5 overflow-hidden rounded-card"
      style={{ gridTemplateColumns: media.length > 1 ? "1fr 1fr" : "1fr" }}
    >
      {media.map(({ rendition, alt }) => (
        <img
          key={rendition.hash}
          src={core.mediaUrl(rendition.hash)}
          alt={alt}
          className="w-full bg-inset object-cover"
          style={{
            aspectRatio: media.length > 1 ? "1" : `${rendition.width} / ${rendition.height}`,
            maxHeight: 360,
          }}
        />
      ))}
    </div>
  );
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}
