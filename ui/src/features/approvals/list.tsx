import { clsx } from "clsx";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { RequestRow } from "@/bindings";
import { Glyph, NetworkTiles, Slant, VirtualList } from "@/shared";
import { machineZone } from "@/shared/time";
import { dueOf } from "./due";
import { Outcome } from "./outcome";

export const CARD_HEIGHT = 101;

/** The inbox: one card for each request, sorted by the core. */
export function RequestList({
  rows,
  chosen,
  onChoose,
  now,
  label,
}: {
  rows: readonly RequestRow[];
  chosen: string | undefined;
  onChoose: (id: string) => void;
  now: number;
  label: string;
}) {
  return (
    <VirtualList
      items={rows}
      height={() => CARD_HEIGHT}
      keyOf={(row) => row.id}
      selected={rows.findIndex((row) => row.id === chosen)}
      label={label}
      render={(row) => (
        <RequestCard row={row} chosen={row.id === chosen} onChoose={onChoose} now={now} />
      )}
    />
  );
}

/** Title and due time, two lines of the text, where it goes, who asked, what is special. */
function RequestCard({
  row,
  chosen,
  onChoose,
  now,
}: {
  row: RequestRow;
  chosen: boolean;
  onChoose: (id: string) => void;
  now: number;
}) {
  const { t } = useTranslation();
  const { content } = row;
  const due = dueOf(row.due, now, machineZone());
  const networks = [...new Set(content.targets.map((target) => target.network))];
  return (
    <button
      type="button"
      aria-current={chosen || undefined}
      onClick={() => onChoose(row.id)}
      className={clsx(
        "flex h-full w-full flex-col border-b border-line px-4 pt-2.5 pb-2 text-left outline-offset-[-2px]!",
        chosen ? "selected bg-selected" : "hover:bg-hover",
      )}
    >
      <span className="flex w-full items-center gap-2">
        <Slant hue={content.persona.hue} height={13} />
        <span className="sr-only">{content.persona.name}</span>
        <span className="ellipsis flex-1 font-strong text-text" dir="auto">
          {content.headline}
        </span>
        {row.status === "open" ? (
          <span
            className={clsx(
              "tnum inline-flex shrink-0 items-center gap-1 text-meta",
              due.tone === "warn" && "text-warn-fg",
              due.tone === "bad" && "text-bad-fg",
              due.tone === "quiet" && "text-text-3",
            )}
          >
            {due.tone === "bad" ? <Glyph name="missed" size={12} /> : null}
            {t(`approvals.due.${due.words}`, { when: due.when })}
          </span>
        ) : (
          <Outcome status={row.status} />
        )}
      </span>
      <span
        className="clamp-2 mt-0.5 ml-[11px] h-9 shrink-0 text-meta leading-[18px]! text-text-2"
        dir="auto"
      >
        {content.excerpt}
      </span>
      <span className="mt-1.5 ml-[11px] flex shrink-0 w-[calc(100%-11px)] items-center gap-2 text-meta text-text-2">
        <NetworkTiles networks={networks} siteWord={t("network.site")} />
        {row.by ? (
          <span className="ellipsis max-w-28 shrink-0">{row.by.name.split(" ")[0]}</span>
        ) : null}
        <span className="ellipsis text-text-3">{hintOf(row, t)}</span>
      </span>
    </button>
  );
}

/** The one thing to know about a request before opening it. */
function hintOf(row: RequestRow, t: TFunction): string {
  if (row.away) return t("approvals.hint.away", { name: row.away.name });
  if (row.approved_before !== undefined && row.approved_before < row.n) {
    return t("approvals.hint.changed", { n: row.approved_before });
  }
  const { pictures, parts } = row.content;
  if (pictures > 0) return t("approvals.hint.pictures", { count: pictures });
  if (parts > 1) return t("approvals.hint.parts", { count: parts });
  if (row.status === "open" && !row.mine && row.stage) {
    return t("approvals.hint.stage", { stage: row.stage });
  }
  return t("approvals.hint.new");
}
