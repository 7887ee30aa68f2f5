import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Reviewed, ReviewView } from "@/bindings";
import { CoreProvider, useCore } from "@/data";
import { type Door, type ProblemError, problemOf } from "@/platform";
import {
  clock,
  Glyph,
  Mark,
  machineZone,
  mediumDay,
  NetworkTile,
  networkName,
  PersonaName,
  SkeletonRows,
  shortDay,
} from "@/shared";
import { ProblemState } from "@/shell/problem";
import { PreparedPost } from "../compose/previews/prepared";
import { Foot } from "./foot";
import { Notes } from "./notes";
import { useShown } from "./pictures";

const LOOK_AGAIN_MS = 60_000;

/** Where a link for somebody from outside leads: one version, what was said of it, and a decision. */
export function Review({ door, link }: { door: Door; link: string }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const key = ["review", link];
  const seen = useQuery<ReviewView, ProblemError>({
    queryKey: key,
    queryFn: () => door.review(link),
    retry: false,
    // An edit ends what is shown, also on a page that stayed open.
    refetchOnWindowFocus: "always",
    refetchInterval: LOOK_AGAIN_MS,
  });
  const take = (view: ReviewView) => cache.setQueryData(key, view);
  const over = seen.error ? problemOf(seen.error).code === "code_expired" : false;
  if (seen.error && (over || !seen.data)) {
    return (
      <main id="place" className="flex h-full flex-col items-center justify-center bg-bg p-6">
        {over ? (
          <Said title={t("review.over.title")} body={t("review.over.body")} />
        ) : (
          <ProblemState
            error={seen.error}
            onAgain={() => void seen.refetch()}
            className="max-w-lg"
          />
        )}
      </main>
    );
  }
  if (!seen.data) {
    return (
      <main id="place" className="h-full bg-bg p-6">
        <SkeletonRows rows={5} height={64} label={t("common.reading")} />
      </main>
    );
  }
  const view = seen.data;
  const end = view.state === "edited" ? "edited" : "closed";
  return (
    <main id="place" className="flex h-full flex-col bg-bg">
      <Head view={view} />
      {view.shown ? (
        <>
          <Shown door={door} link={link} view={view} shown={view.shown} onView={take} />
          {view.decides ? (
            <Foot door={door} link={link} view={view} shown={view.shown} onView={take} />
          ) : (
            <p className="shrink-0 border-t border-line bg-surface px-4 py-3 text-text-2">
              {view.decided ? t(`review.decided.${view.decided}`) : t("review.looks_only")}
            </p>
          )}
        </>
      ) : (
        <div className="flex flex-1 items-center justify-center p-6">
          {view.decided ? (
            <Said title={t(`review.decided.${view.decided}`)} body={t("review.thanks")} />
          ) : (
            <Said title={t(`review.${end}.title`)} body={t(`review.${end}.body`)} />
          )}
        </div>
      )}
    </main>
  );
}

function Said({ title, body }: { title: string; body: string }) {
  return (
    <div className="flex max-w-sm flex-col gap-2" role="status">
      <Mark size={28} />
      <h1 className="font-serif text-[1.75rem] leading-9 font-normal">{title}</h1>
      <p className="text-text-2">{body}</p>
    </div>
  );
}

function Head({ view }: { view: ReviewView }) {
  const { t } = useTranslation();
  return (
    <header className="shrink-0 border-b border-line bg-surface px-4 py-3">
      <p className="flex items-center gap-2 font-strong">
        <Mark size={18} />
        <bdi className="ellipsis">{view.organization}</bdi>
      </p>
      <p className="mt-1 text-meta text-text-2">
        {t("review.lead", { name: view.name, by: view.by })}{" "}
        <span className="text-text-3">
          {t("review.until", { day: mediumDay(view.ends_at, machineZone()) })}
        </span>
      </p>
    </header>
  );
}

function Shown({
  door,
  link,
  view,
  shown,
  onView,
}: {
  door: Door;
  link: string;
  view: ReviewView;
  shown: Reviewed;
  onView: (view: ReviewView) => void;
}) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const core = useShown(useCore(), door, link, shown.doc);
  const zone = machineZone();
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">
      <div className="mx-auto flex max-w-[560px] flex-col gap-4">
        <div>
          <h1 className="text-title" dir="auto">
            {shown.headline}
          </h1>
          <p className="tnum mt-1 flex flex-wrap items-center gap-x-2 text-meta text-text-2">
            <PersonaName name={shown.persona.name} hue={shown.persona.hue} />
            <span>
              {shown.planned
                ? t("review.goes_out", {
                    when: `${shortDay(shown.planned.at, zone)}, ${clock(shown.planned.at, zone)}`,
                  })
                : t("approvals.as_soon")}
            </span>
          </p>
        </div>
        {core ? (
          <CoreProvider transport={core} cache={cache}>
            {shown.doc.targets.map((target) => (
              <Post key={target.identity} shown={shown} target={target} />
            ))}
          </CoreProvider>
        ) : (
          <SkeletonRows rows={3} height={64} label={t("common.reading")} />
        )}
        <Notes door={door} link={link} view={view} shown={shown} onView={onView} />
      </div>
    </div>
  );
}

function Post({ shown, target }: { shown: Reviewed; target: Reviewed["doc"]["targets"][number] }) {
  const { t } = useTranslation();
  const network = networkName(target.network, t("network.site"));
  const account = shown.accounts.find((one) => one.identity === target.identity);
  const media = target.segments.flatMap((segment) => segment.media);
  return (
    <article
      aria-label={t("approvals.preview_of", { network })}
      className="rounded-card border border-line bg-surface p-4"
    >
      <p className="mb-2.5 flex items-center gap-2 text-meta text-text-3">
        <NetworkTile network={target.network} name={network} />
        {network}
      </p>
      <PreparedPost
        target={target}
        poster={{
          name: account?.name || account?.handle || shown.persona.name,
          handle: account?.handle ?? "",
          hue: shown.persona.hue,
        }}
        title={target.title ?? ""}
        open
      />
      {media.length > 0 ? (
        <ul className="mt-3 flex flex-col gap-1 text-meta text-text-2">
          {media.map((one) => (
            <li key={one.rendition.hash} className="flex gap-1.5">
              <Glyph name={one.alt ? "ring-check" : "missed"} size={13} className="mt-[2px]" />
              <span dir="auto" data-selectable>
                {one.alt || t("approvals.picture.no_alt")}
              </span>
            </li>
          ))}
        </ul>
      ) : null}
    </article>
  );
}
