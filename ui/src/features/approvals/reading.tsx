import { ChevronLeft } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RequestDetail } from "@/bindings";
import { IconButton, NetworkTiles, PersonaName, Segmented } from "@/shared";
import { clock, machineZone, shortDay, zoneCity, zonesDiffer } from "@/shared/time";
import { NotedReading } from "../notes";
import { Outcome } from "./outcome";
import { textsOf } from "./texts";
import { ChangesView, PreviewView, SinceStrip, TextView, type View } from "./views";

/** One request as it is read: head, text, pictures, other texts. */
export function Reading({
  request,
  strip,
  foot,
  onBack,
  now,
}: {
  request: RequestDetail;
  /** The chain, where the inspector has no room. */
  strip?: ReactNode;
  foot: ReactNode;
  onBack?: (() => void) | undefined;
  now: number;
}) {
  const { t } = useTranslation();
  const [view, setView] = useState<View>(request.before ? "changes" : "preview");
  const [identity, setIdentity] = useState<string>();
  const texts = useMemo(
    () => textsOf(request.version.doc, request.before?.doc),
    [request.version.doc, request.before],
  );
  const shown = texts.find((one) => one.identity === identity) ?? texts[0];
  const region = useRef<HTMLDivElement>(null);

  // Another request begins at its own best view; a new answer about the same one changes nothing.
  const { id } = request;
  const hasBefore = Boolean(request.before);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another request resets the view
  useEffect(() => {
    setView(hasBefore ? "changes" : "preview");
    setIdentity(undefined);
  }, [id]);

  return (
    <article aria-label={request.row.headline} className="flex min-h-0 min-w-0 flex-1 flex-col">
      <Head request={request} view={view} onView={setView} onBack={onBack} now={now} />
      {strip}
      {view === "changes" && shown ? <SinceStrip request={request} shown={shown} /> : null}
      <div
        key={`${id}-${view}`}
        ref={region}
        // A long text is scrolled by keyboard too.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        tabIndex={0}
        role="region"
        aria-label={t("approvals.text_of", { title: request.row.headline })}
        className="@container min-h-0 flex-1 overflow-y-auto px-7 py-5 outline-offset-[-2px]! max-sm:px-4"
      >
        <NotedReading
          content={request.content}
          n={request.n}
          doc={request.version.doc}
          now={now}
          region={region}
        >
          {shown ? (
            view === "changes" ? (
              <ChangesView request={request} texts={texts} shown={shown} onShow={setIdentity} />
            ) : view === "preview" ? (
              <PreviewView request={request} texts={texts} shown={shown} onShow={setIdentity} />
            ) : (
              <TextView request={request} texts={texts} shown={shown} onShow={setIdentity} />
            )
          ) : (
            <p className="text-text-2">{t("approvals.no_targets")}</p>
          )}
        </NotedReading>
      </div>
      {foot}
    </article>
  );
}

function Head({
  request,
  view,
  onView,
  onBack,
  now,
}: {
  request: RequestDetail;
  view: View;
  onView: (view: View) => void;
  onBack: (() => void) | undefined;
  now: number;
}) {
  const { t } = useTranslation();
  const zone = machineZone();
  const { row } = request;
  const networks = [...new Set(request.version.doc.targets.map((target) => target.network))];
  const asked =
    shortDay(request.at, zone) === shortDay(now, zone) ? "" : `${shortDay(request.at, zone)}, `;
  const planned = row.at;
  return (
    <header className="shrink-0 border-b border-line px-7 pt-3.5 pb-2.5 max-sm:px-4">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-1 basis-60 items-center gap-2.5">
          {onBack ? (
            <IconButton
              label={t("common.back")}
              icon={<ChevronLeft size={18} strokeWidth={1.75} aria-hidden />}
              onClick={onBack}
              className="-ml-2 max-md:size-11!"
            />
          ) : null}
          <h2 className="ellipsis text-title" dir="auto">
            {row.headline}
          </h2>
          <Outcome status={request.status} />
        </div>
        <Segmented
          label={t("approvals.view.label")}
          className="max-md:[&>*]:h-11"
          value={view}
          onChange={onView}
          options={[
            { value: "preview", label: t("approvals.view.preview") },
            { value: "changes", label: t("approvals.view.changes") },
            { value: "text", label: t("approvals.view.text") },
          ]}
        />
      </div>
      <p className="tnum mt-1 flex flex-wrap items-center gap-x-2 gap-y-0.5 text-meta text-text-2">
        <PersonaName name={row.persona.name} hue={row.persona.hue} />
        {request.by ? (
          <>
            <Dot />
            <span>
              {request.by.name}, {asked}
              {clock(request.at, zone)}
            </span>
          </>
        ) : null}
        <Dot />
        <span>
          {planned
            ? `${shortDay(planned.at, zone)}, ${clock(planned.at, zone)}`
            : t("approvals.as_soon")}
          {planned && zonesDiffer(planned.zone, zone, planned.at)
            ? t("approvals.in_zone", {
                time: clock(planned.at, planned.zone),
                city: zoneCity(planned.zone),
              })
            : ""}
        </span>
        <NetworkTiles networks={networks} siteWord={t("network.site")} className="ml-1" />
      </p>
    </header>
  );
}

function Dot() {
  return (
    <span aria-hidden className="text-text-3">
      ·
    </span>
  );
}
