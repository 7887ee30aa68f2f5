import { clsx } from "clsx";
import {
  Ban,
  ChevronDown,
  ChevronRight,
  Copy,
  Ellipsis,
  LayoutTemplate,
  Pencil,
} from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContentRow } from "@/bindings";
import {
  Checkbox,
  dayAndClock,
  IconButton,
  Menu,
  machineZone,
  NetworkTiles,
  Slant,
  StatusWord,
} from "@/shared";
import { Found, useGo, useKeys } from "@/shell";
import { SaveTemplateOf } from "../templates";
import type { Line } from "./lines";
import type { ContentVerbs } from "./verbs";

/** The heading of a group, which can be shut. */
export function GroupLine({
  line,
  chosen,
  onChoose,
  onToggle,
}: {
  line: Extract<Line, { kind: "group" }>;
  /** All of it is chosen. */
  chosen: boolean;
  onChoose: () => void;
  onToggle: () => void;
}) {
  const { t } = useTranslation();
  const Icon = line.shut ? ChevronRight : ChevronDown;
  const name = t(`queue.group.${line.group}`);
  return (
    <div className="flex h-full items-center gap-2 border-b border-line bg-inset pl-4">
      <Checkbox on={chosen} onChange={onChoose} label={t("queue.choose_group", { name })} />
      <button
        type="button"
        aria-expanded={!line.shut}
        onClick={onToggle}
        className="flex h-full min-w-0 flex-1 items-center gap-2 text-left outline-offset-[-2px]"
      >
        <Icon size={13} strokeWidth={2} aria-hidden className="text-text-3" />
        <span className="text-meta font-strong">{name}</span>
        {line.count === undefined ? null : (
          <span className="tnum text-meta text-text-3">{line.count}</span>
        )}
      </button>
    </div>
  );
}

/** One content: chosen or not, whose, what, where, when, and how it stands. */
export function QueueRow({
  row,
  find,
  narrow,
  current,
  chosen,
  onChoose,
  onToggle,
  verbs,
}: {
  row: ContentRow;
  find: string;
  narrow: boolean;
  current: boolean;
  chosen: boolean;
  onChoose: () => void;
  /** With Shift: all from the last one on. */
  onToggle: (range: boolean) => void;
  verbs: ContentVerbs;
}) {
  const { t } = useTranslation();
  const go = useGo();
  const zone = machineZone();
  const shift = useRef(false);
  const networks = [...new Set(row.targets.map((target) => target.network))];
  const trouble = row.targets.find((target) =>
    ["unconfirmed", "missed", "held"].includes(target.status),
  );
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: J, K and Enter are in the registry
    // biome-ignore lint/a11y/noStaticElementInteractions: the line's own button opens it
    <div
      onClick={onChoose}
      onClickCapture={(event) => {
        shift.current = event.shiftKey;
      }}
      aria-current={current || undefined}
      className={clsx(
        "flex h-full items-center gap-2.5 border-b border-line pr-2 pl-4",
        current ? "selected bg-selected" : "hover:bg-hover",
      )}
    >
      <Checkbox
        on={chosen}
        onChange={() => onToggle(shift.current)}
        label={t("queue.choose", { headline: row.headline })}
      />
      <Slant hue={row.persona.hue} height={13} className="mx-0.5" />
      <button
        type="button"
        onClick={() => go({ type: "content", id: row.id })}
        className="flex h-full min-w-0 flex-1 items-center gap-2 rounded-key text-left outline-offset-[-3px]"
        aria-label={t("queue.row", { persona: row.persona.name, headline: row.headline })}
      >
        <span className={clsx("ellipsis", !row.headline && "text-text-3")} dir="auto">
          {row.headline ? <Found text={row.headline} search={find} /> : t("common.no_text")}
        </span>
        {row.parts > 1 ? (
          <span className="tnum shrink-0 text-meta text-text-3">
            {t("common.parts", { count: row.parts })}
          </span>
        ) : null}
        {row.unsaved && row.n > 0 ? (
          <span className="shrink-0 text-meta text-text-3">{t("queue.unsaved")}</span>
        ) : null}
      </button>
      {narrow ? null : (
        <>
          <span className="ellipsis w-28 shrink-0 text-meta text-text-3">{row.campaign}</span>
          <span className="ellipsis w-20 shrink-0 text-meta text-text-3">{row.author?.name}</span>
        </>
      )}
      <NetworkTiles
        networks={networks}
        siteWord={t("network.site")}
        className="w-[112px] max-[899px]:hidden"
      />
      <span className="tnum w-[92px] shrink-0 text-meta text-text-2">
        {row.at ? dayAndClock(row.at.at, zone) : ""}
      </span>
      <span className="flex w-[144px] shrink-0 overflow-hidden">
        {trouble ? (
          <StatusWord kind="delivery" status={trouble.status} />
        ) : (
          <StatusWord status={row.status} />
        )}
      </span>
      <RowMenu row={row} verbs={verbs} />
    </div>
  );
}

function RowMenu({ row, verbs }: { row: ContentRow; verbs: ContentVerbs }) {
  const { t } = useTranslation();
  const go = useGo();
  const edit = useKeys("content.edit");
  const duplicate = useKeys("content.duplicate");
  const open = useKeys("list.open");
  const icon = { size: 14, strokeWidth: 2, "aria-hidden": true } as const;
  const archived = row.status === "archived";
  const [keeping, setKeeping] = useState(false);
  return (
    <>
      <Menu
        trigger={
          <IconButton
            size="row"
            label={t("queue.more", { headline: row.headline })}
            icon={<Ellipsis size={14} strokeWidth={2} aria-hidden />}
          />
        }
        groups={[
          [
            {
              id: "open",
              label: t("common.open"),
              onSelect: () => go({ type: "content", id: row.id }),
              ...(open ? { keys: open } : {}),
            },
            {
              id: "edit",
              label: t("action.edit"),
              icon: <Pencil {...icon} />,
              onSelect: () => verbs.edit(row),
              ...(edit ? { keys: edit } : {}),
            },
            {
              id: "duplicate",
              label: t("action.duplicate"),
              icon: <Copy {...icon} />,
              onSelect: () => verbs.duplicate(row),
              ...(duplicate ? { keys: duplicate } : {}),
            },
            {
              id: "template",
              label: t("templates.save_as"),
              icon: <LayoutTemplate {...icon} />,
              onSelect: () => setKeeping(true),
            },
          ],
          [
            ...(verbs.canCancel(row)
              ? [
                  {
                    id: "cancel",
                    label: t("action.cancel_sending"),
                    icon: <Ban {...icon} />,
                    onSelect: () => verbs.cancel([row]),
                  },
                ]
              : []),
            {
              id: "archive",
              label: archived ? t("queue.take_back") : t("action.archive"),
              onSelect: () => verbs.archive([row], !archived),
            },
          ],
        ]}
      />
      {keeping ? <SaveTemplateOf content={row.id} onClose={() => setKeeping(false)} /> : null}
    </>
  );
}
