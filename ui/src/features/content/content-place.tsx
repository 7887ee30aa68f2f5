import { Navigate, useParams } from "@tanstack/react-router";
import {
  Archive,
  ArchiveRestore,
  Ban,
  Copy,
  Ellipsis,
  Inbox,
  LayoutTemplate,
  Pencil,
} from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContentDetail, ContentStatus } from "@/bindings";
import { useAnswer } from "@/data";
import {
  Button,
  clock,
  Drawer,
  IconButton,
  Menu,
  machineZone,
  NetworkTiles,
  PersonaName,
  SkeletonRows,
  StatusChip,
  shortDay,
  zoneCity,
  zonesDiffer,
} from "@/shared";
import { Bar, ProblemState, useActions, useGo, useKeys, useNarrow } from "@/shell";
import { SaveTemplateOf } from "../templates";
import { Deliveries, standing } from "./deliveries";
import { Inspector } from "./inspector";
import { SentText } from "./sent-text";
import { useVerbs } from "./verbs";

/** What is still being written belongs to the composer. */
const WRITTEN: readonly ContentStatus[] = ["draft", "changes_requested", "rejected"];

/** One content: where it stands on each network, what happened, what it said. */
export function ContentPlace() {
  const { t } = useTranslation();
  const { content } = useParams({ strict: false }) as { content: string };
  const detail = useAnswer({ type: "content", id: content });
  if (detail.error && !detail.data) {
    return (
      <>
        <Bar title={t("content.title")} />
        <ProblemState
          error={detail.error}
          onAgain={() => void detail.refetch()}
          className="m-6 max-w-xl"
        />
      </>
    );
  }
  const written = detail.data?.can_edit && WRITTEN.includes(detail.data.row.status);
  // What was read a while ago decides nothing.
  if (!detail.data || (written && detail.isFetching)) {
    return (
      <>
        <Bar title={t("content.title")} fact={t("common.reading")} />
        <div className="max-w-[760px] p-6">
          <SkeletonRows rows={4} height={46} label={t("common.reading")} />
        </div>
      </>
    );
  }
  if (written) {
    return <Navigate to="/compose/{-$content}" params={{ content }} replace />;
  }
  return <Place key={content} detail={detail.data} />;
}

function Place({ detail }: { detail: ContentDetail }) {
  const { t } = useTranslation();
  const go = useGo();
  const narrow = useNarrow("drawer");
  const verbs = useVerbs(detail);
  const { row } = detail;
  const shown = standing(detail.deliveries);
  const [chosen, setChosen] = useState(
    () =>
      shown.find(({ target }) => target.status !== "published")?.target.delivery ??
      shown[0]?.target.delivery,
  );
  const delivery = shown.find(({ target }) => target.delivery === chosen) ?? shown[0];
  const [drawer, setDrawer] = useState(false);
  const [keeping, setKeeping] = useState(false);
  useActions({
    "content.edit": detail.can_edit && (() => go({ type: "edit", id: row.id })),
    "content.duplicate": verbs.duplicate,
    "content.cancel": verbs.cancelAll ?? false,
    "content.archive": row.status !== "archived" && (() => verbs.archive(true)),
  });
  const editKeys = useKeys("content.edit");
  const icon = { size: 14, strokeWidth: 1.75, "aria-hidden": true } as const;
  const open = detail.request?.status === "open" ? detail.request : undefined;

  return (
    <>
      <Bar
        title={<span dir="auto">{row.headline || t("common.no_text")}</span>}
        views={<StatusChip status={row.status} />}
        actions={
          <>
            <Menu
              trigger={
                <IconButton
                  label={t("compose.more")}
                  icon={<Ellipsis size={15} strokeWidth={2} aria-hidden />}
                />
              }
              groups={[
                [
                  {
                    id: "duplicate",
                    label: t("compose.duplicate"),
                    icon: <Copy {...icon} />,
                    onSelect: verbs.duplicate,
                  },
                  {
                    id: "template",
                    label: t("templates.save_as"),
                    icon: <LayoutTemplate {...icon} />,
                    onSelect: () => setKeeping(true),
                  },
                  ...(verbs.cancelAll
                    ? [
                        {
                          id: "cancel",
                          label: t("compose.cancel_sending"),
                          icon: <Ban {...icon} />,
                          onSelect: verbs.cancelAll,
                        },
                      ]
                    : []),
                  ...(verbs.withdraw
                    ? [
                        {
                          id: "withdraw",
                          label: t("content.withdraw"),
                          icon: <Inbox {...icon} />,
                          onSelect: verbs.withdraw,
                        },
                      ]
                    : []),
                ],
                [
                  row.status === "archived"
                    ? {
                        id: "back",
                        label: t("content.unarchive"),
                        icon: <ArchiveRestore {...icon} />,
                        onSelect: () => verbs.archive(false),
                      }
                    : {
                        id: "archive",
                        label: t("compose.archive"),
                        icon: <Archive {...icon} />,
                        onSelect: () => verbs.archive(true),
                      },
                ],
              ]}
            />
            {narrow ? (
              <Button onClick={() => setDrawer(true)}>{t("content.inspector")}</Button>
            ) : null}
            {open ? (
              <Button onClick={() => go({ type: "request", id: open.id })}>
                {t("compose.open_request")}
              </Button>
            ) : null}
            {detail.can_edit ? (
              <Button
                kind="primary"
                icon={<Pencil size={14} strokeWidth={2} aria-hidden />}
                onClick={() => go({ type: "edit", id: row.id })}
                {...(editKeys ? { keys: editKeys } : {})}
              >
                {t("common.edit")}
              </Button>
            ) : (
              <Button
                kind="primary"
                icon={<Copy size={14} strokeWidth={2} aria-hidden />}
                onClick={verbs.duplicate}
              >
                {t("compose.duplicate")}
              </Button>
            )}
          </>
        }
      />
      {keeping ? <SaveTemplateOf content={row.id} onClose={() => setKeeping(false)} /> : null}
      <div className="flex min-h-0 flex-1">
        <div className="min-w-0 flex-1 overflow-y-auto" data-page>
          <div className="mx-auto flex max-w-[840px] flex-col gap-6 px-6 py-5">
            <Facts detail={detail} />
            <Deliveries
              detail={detail}
              verbs={verbs}
              chosen={delivery?.target.delivery}
              onChoose={setChosen}
            />
            <SentText detail={detail} delivery={delivery} />
          </div>
        </div>
        {narrow ? (
          <Drawer open={drawer} onClose={() => setDrawer(false)} title={t("content.inspector")}>
            <Inspector detail={detail} delivery={delivery} verbs={verbs} />
          </Drawer>
        ) : (
          <aside
            aria-label={t("content.inspector")}
            className="w-[320px] shrink-0 overflow-y-auto border-l border-line bg-surface p-4"
          >
            <Inspector detail={detail} delivery={delivery} verbs={verbs} />
          </aside>
        )}
      </div>
    </>
  );
}

/** Whose voice, whose hand, which version, when, where. */
function Facts({ detail }: { detail: ContentDetail }) {
  const { t } = useTranslation();
  const { row } = detail;
  const { at } = row;
  const own = machineZone();
  const facts = [
    row.author?.name,
    row.n > 0 && t("content.version", { n: row.n }),
    at &&
      `${shortDay(at.at, at.zone)}, ${clock(at.at, at.zone)}${
        zonesDiffer(at.zone, own, at.at)
          ? ` ${t("content.there_and_here", { city: zoneCity(at.zone), time: clock(at.at, own) })}`
          : ""
      }`,
    row.campaign,
    ...row.labels,
  ].filter(Boolean);
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-text-2">
      <PersonaName name={row.persona.name} hue={row.persona.hue} />
      {facts.map((fact) => (
        <span key={String(fact)} className="tnum">
          <span aria-hidden className="mr-2 text-text-3">
            ·
          </span>
          {fact}
        </span>
      ))}
      <NetworkTiles
        className="ml-1"
        networks={[...new Set(row.targets.map((target) => target.network))]}
        siteWord={t("network.site")}
      />
    </p>
  );
}
