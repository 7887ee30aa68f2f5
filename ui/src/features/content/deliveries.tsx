import { clsx } from "clsx";
import { ArrowUpRight, RefreshCw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContentDetail, DeliveryDetail, Metric } from "@/bindings";
import {
  clock,
  figure,
  Heading,
  IconButton,
  machineZone,
  NetworkTile,
  networkName,
  StatusWord,
  shortDay,
  Tooltip,
} from "@/shared";
import { useNamed } from "@/shared/named";
import { Needed } from "./needed";
import { PickTime } from "./pick-time";
import { RowMenu } from "./row-menu";
import type { Verbs } from "./verbs";

/** Counts that are worth a column everywhere, in this order; others follow. */
const USUAL = ["likes", "reposts", "replies"];

/** The counts that any delivery has, the usual ones first. */
export function columnsOf(deliveries: readonly DeliveryDetail[]): string[] {
  const names = new Set(deliveries.flatMap(({ metrics }) => metrics.map((metric) => metric.name)));
  return [
    ...USUAL.filter((name) => names.has(name)),
    ...[...names].filter((name) => !USUAL.includes(name)).sort(),
  ];
}

/** One per account: what was taken back counts only where nothing else goes. */
export function standing(deliveries: readonly DeliveryDetail[]): DeliveryDetail[] {
  const by = new Map<string, DeliveryDetail[]>();
  for (const delivery of deliveries) {
    const { identity } = delivery.target;
    by.set(identity, [...(by.get(identity) ?? []), delivery]);
  }
  return [...by.values()].flatMap((own) => {
    const alive = own.filter(({ target }) => target.status !== "cancelled");
    return alive.length > 0 ? alive : own.slice(-1);
  });
}

/** One row per delivery: where, how it stands, when, its counts; below it what a person must say. */
export function Deliveries({
  detail,
  verbs,
  chosen,
  onChoose,
}: {
  detail: ContentDetail;
  verbs: Verbs;
  chosen: string | undefined;
  onChoose: (delivery: string) => void;
}) {
  const { t } = useTranslation();
  const named = useNamed();
  const shown = standing(detail.deliveries);
  const columns = columnsOf(shown);
  const newest = shown
    .flatMap(({ metrics }) => metrics.map((metric) => metric.as_of))
    .sort()
    .at(-1);
  const live = shown.some(({ target }) => target.status === "published");
  if (shown.length === 0) {
    return <p className="text-text-3">{t("content.no_deliveries")}</p>;
  }
  return (
    <section aria-labelledby="content-deliveries">
      <Heading
        id="content-deliveries"
        fact={shown.length}
        className="mb-1"
        aside={
          live ? (
            <>
              <span className="tnum">
                {newest
                  ? t("content.as_of", { time: clock(newest, machineZone()) })
                  : t("content.no_counts")}
              </span>
              <IconButton
                size="row"
                label={t("content.read_counts")}
                icon={<RefreshCw size={13} strokeWidth={1.75} aria-hidden />}
                onClick={verbs.readCounts}
              />
            </>
          ) : undefined
        }
      >
        {t("content.deliveries")}
      </Heading>
      {/* Relative, so that words for screen readers alone scroll with it. */}
      <div className="relative -mx-1 overflow-x-auto px-1">
        <table className="w-full border-collapse text-left">
          <thead>
            <tr className="border-b border-line text-axis text-text-3 [&>th]:h-7 [&>th]:pr-3 [&>th]:font-normal">
              <th className="pl-2">{t("content.column.where")}</th>
              <th>{t("content.column.status")}</th>
              <th>{t("content.column.when")}</th>
              {columns.map((name) => (
                <th key={name} className="text-right">
                  {named(`metric.${name}`, name.replaceAll("_", " "))}
                </th>
              ))}
              <th className="w-24">
                <span className="sr-only">{t("content.column.actions")}</span>
              </th>
            </tr>
          </thead>
          {shown.map((delivery) => (
            <DeliveryRow
              key={delivery.target.delivery}
              detail={detail}
              delivery={delivery}
              columns={columns}
              verbs={verbs}
              chosen={delivery.target.delivery === chosen}
              onChoose={() => onChoose(delivery.target.delivery)}
            />
          ))}
        </table>
      </div>
    </section>
  );
}

function DeliveryRow({
  detail,
  delivery,
  columns,
  verbs,
  chosen,
  onChoose,
}: {
  detail: ContentDetail;
  delivery: DeliveryDetail;
  columns: readonly string[];
  verbs: Verbs;
  chosen: boolean;
  onChoose: () => void;
}) {
  const { t } = useTranslation();
  const { target, publications, metrics } = delivery;
  const [moving, setMoving] = useState(false);
  const name = networkName(target.network, t("network.site"));
  // What was deleted has no page any more.
  const url =
    target.status === "deleted"
      ? undefined
      : publications.find((publication) => publication.url)?.url;
  const wentAt = publications[0]?.at;
  const zone = target.planned?.zone ?? machineZone();
  const when = wentAt ?? target.planned?.at;
  return (
    <tbody className={clsx("border-b border-line", chosen && "bg-inset")}>
      <tr className="[&>td]:h-10 [&>td]:pr-3">
        <td className="pl-2">
          <button
            type="button"
            aria-pressed={chosen}
            onClick={onChoose}
            className="flex max-w-full min-w-0 items-center gap-2 rounded-key text-left"
          >
            <NetworkTile network={target.network} name={name} />
            <span className="font-medium whitespace-nowrap">{name}</span>
            <span className="ellipsis max-w-40 text-meta text-text-3">{target.handle}</span>
          </button>
        </td>
        <td>
          <StatusWord kind="delivery" status={target.status} className="flex!" />
        </td>
        <td className="tnum whitespace-nowrap text-text-2">
          {when
            ? `${shortDay(when, zone)}, ${clock(when, zone)}`
            : t(detail.request?.stages.length === 0 ? "compose.when_now" : "content.when_approved")}
        </td>
        {columns.map((column) => (
          <Cell key={column} metric={metrics.find((metric) => metric.name === column)} />
        ))}
        <td>
          <span className="flex justify-end gap-0.5">
            {url ? (
              <Tooltip text={t("content.open_on", { network: name })}>
                <a
                  href={url}
                  target="_blank"
                  rel="noreferrer"
                  aria-label={t("content.open_on", { network: name })}
                  className="inline-flex size-6 items-center justify-center rounded-control text-text-2 hover:bg-hover"
                >
                  <ArrowUpRight size={15} strokeWidth={1.75} aria-hidden />
                </a>
              </Tooltip>
            ) : null}
            <RowMenu
              delivery={delivery}
              url={url}
              name={name}
              verbs={verbs}
              onMove={() => setMoving(true)}
            />
          </span>
          <PickTime
            open={moving}
            onClose={() => setMoving(false)}
            persona={detail.row.persona.id}
            planned={target.planned}
            onPlanned={(planned) => verbs.move(target.delivery, target.planned, planned)}
          />
        </td>
      </tr>
      <Needed detail={detail} delivery={delivery} columns={columns.length + 4} verbs={verbs} />
    </tbody>
  );
}

/** A count, or a dash where the network gives none. */
function Cell({ metric }: { metric: Metric | undefined }) {
  const { t } = useTranslation();
  return (
    <td className="tnum text-right">
      {metric ? (
        <span title={t("content.as_of", { time: clock(metric.as_of, machineZone()) })}>
          {figure(metric.value)}
        </span>
      ) : (
        <span className="text-text-3">
          <span aria-hidden>–</span>
          <span className="sr-only">{t("content.no_count")}</span>
        </span>
      )}
    </td>
  );
}
