import { ArrowUpRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Evidence } from "@/bindings";
import { machineZone, soon, Tooltip } from "@/shared";

/** The host of an address, so that one sees where a link leads. */
function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

/** Items that something is known from, in the words of those who wrote them. */
export function EvidenceList({ items, now }: { items: readonly Evidence[]; now: number }) {
  const { t } = useTranslation();
  const zone = machineZone();
  return (
    <ul className="flex flex-col">
      {items.map((item) => (
        <li
          key={`${item.at} ${item.from} ${item.title}`}
          className="flex items-start gap-2 border-b border-line py-2 last:border-0"
        >
          <span className="min-w-0 flex-1">
            <q className="block text-base text-text wrap-anywhere" dir="auto">
              {item.title}
            </q>
            <span className="tnum block text-meta text-text-2 wrap-anywhere">
              <bdi>{item.from}</bdi>, {soon(item.at, zone, now)}
            </span>
          </span>
          {item.url ? (
            <Tooltip text={t("ideas.open_at", { host: hostOf(item.url) })}>
              <a
                href={item.url}
                target="_blank"
                rel="noreferrer nofollow"
                aria-label={t("ideas.open_item", { title: item.title, host: hostOf(item.url) })}
                className="inline-flex size-6 shrink-0 items-center justify-center rounded-control text-text-2 hover:bg-hover"
              >
                <ArrowUpRight size={15} strokeWidth={1.75} aria-hidden />
              </a>
            </Tooltip>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
