import { clsx } from "clsx";
import {
  ArrowDown,
  ArrowUp,
  AtSign,
  Ellipsis,
  Hash,
  ImagePlus,
  Split,
  WandSparkles,
  X,
} from "lucide-react";
import { memo, useContext, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button, CounterRing, figure, IconButton, Menu, type MenuEntry } from "@/shared";
import { Editor } from "./editor";
import {
  addPart,
  editPart,
  moved,
  removePart,
  type Tab,
  textOf,
  tightest,
  viewsOfTab,
} from "./model";
import { PictureStrip } from "./picture-strip";
import { keyOfText } from "./remark-edits";
import type { Noticed } from "./use-checked";
import { ComposerContext, LaterContext, useComposer } from "./use-composer";

const Pictures = memo(PictureStrip);

/** The words: one part, or the parts of a thread, each with its pictures and its count. */
export function Writing({ onHelp }: { onHelp?: () => void }) {
  const { t } = useTranslation();
  const composer = useComposer();
  const { tab, text, at, openPart, editText } = composer;
  const fields = useRef<(HTMLTextAreaElement | null)[]>([]);
  const wanted = useRef<{ part: number; caret: number }>(undefined);
  const parts = text.segments;

  // After a part was cut or added, the caret goes on where the writing goes on.
  useEffect(() => {
    const want = wanted.current;
    if (!want) return;
    wanted.current = undefined;
    const field = fields.current[want.part];
    field?.focus();
    field?.setSelectionRange(want.caret, want.caret);
  });

  const cut = (part: number) => {
    const field = fields.current[part];
    const caret = field?.selectionStart;
    const inside = caret !== undefined && caret > 0 && caret < (parts[part]?.text.length ?? 0);
    editText((now) => addPart(now, part, inside ? caret : undefined));
    openPart(part + 1);
    wanted.current = { part: part + 1, caret: 0 };
  };
  const insert = (sign: string) => {
    const field = fields.current[at];
    if (!field) return;
    const { selectionStart: from, selectionEnd: to, value } = field;
    const space = from > 0 && !/\s/.test(value[from - 1] ?? " ") ? " " : "";
    const next = value.slice(0, from) + space + sign + value.slice(to);
    editText((now) => editPart(now, at, (part) => ({ ...part, text: next })));
    wanted.current = { part: at, caret: from + space.length + sign.length };
  };

  return (
    <div className={clsx("flex flex-col", parts.length > 1 && "pb-3")}>
      {parts.map((_, index) => (
        <Part
          // Parts have no identity of their own; they are only ever edited in place.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={`${tab.key}-${index}`}
          index={index}
          fieldRef={(field) => {
            fields.current[index] = field;
          }}
          onCut={() => cut(index)}
          onInsert={insert}
          onHelp={onHelp}
        />
      ))}
      {parts.length > 1 ? (
        <div className="px-6 pt-2">
          <Button
            size="row"
            onClick={() => {
              const last = parts.length - 1;
              editText((now) => addPart(now, last));
              openPart(last + 1);
              wanted.current = { part: last + 1, caret: 0 };
            }}
          >
            {t("compose.add_part")}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function Part({
  index,
  fieldRef,
  onCut,
  onInsert,
  onHelp,
}: {
  index: number;
  fieldRef: (field: HTMLTextAreaElement | null) => void;
  onCut: () => void;
  onInsert: (sign: string) => void;
  onHelp: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const composer = useComposer();
  const { tab, text, at, openPart, editText, views, preparedBody, takeFiles, noticed } = composer;
  const later = useContext(LaterContext);
  const countId = useId();
  const part = text.segments[index];
  const thread = text.segments.length > 1;
  const active = at === index;
  const view = tightest(viewsOfTab(tab, views), index);
  const typed = preparedBody ? textOf(preparedBody, tab).segments[index]?.text : undefined;
  if (!part) return null;

  const ready = view?.segments[index];
  const prepared =
    view && typed !== undefined
      ? {
          typed,
          text: ready?.text ?? "",
          marks: ready?.marks ?? [],
          issues: [
            ...view.issues.filter((issue) => issue.segment === index),
            ...placesIn(noticed, tab, index, typed),
          ],
        }
      : undefined;
  return (
    <section
      aria-label={
        thread ? t("compose.part", { n: index + 1, of: text.segments.length }) : undefined
      }
      className={clsx(thread && "border-b border-line")}
    >
      {thread ? <PartHead index={index} active={active} /> : null}
      <Editor
        ref={fieldRef}
        value={part.text}
        onText={(next) =>
          editText((now) => editPart(now, index, (one) => ({ ...one, text: next })))
        }
        prepared={prepared}
        label={
          thread ? t("compose.part", { n: index + 1, of: text.segments.length }) : t("compose.text")
        }
        placeholder={index === 0 ? t("compose.placeholder") : t("compose.placeholder_part")}
        language={composer.body.languages[0]}
        describedBy={countId}
        onFiles={takeFiles}
        onFocus={() => openPart(index)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && event.shiftKey && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            onCut();
          }
        }}
        className={clsx("mx-6", thread ? "mt-1 min-h-14" : "mt-5 min-h-[108px]")}
      />
      {active ? (
        <Tools countId={countId} index={index} onCut={onCut} onInsert={onInsert} onHelp={onHelp} />
      ) : (
        <div className="h-3" />
      )}
      <ComposerContext value={later}>
        <Pictures part={index} />
      </ComposerContext>
    </section>
  );
}

/** Where something was noticed in a part, while it is the text that was looked at. */
function placesIn(noticed: Noticed | undefined, tab: Tab, part: number, typed: string) {
  if (!noticed || textOf(noticed.body, tab).segments[part]?.text !== typed) return [];
  const key = keyOfText(noticed.body, tab);
  return noticed.remarks.flatMap(({ kind, text, part: at, span, severity }) =>
    span && text === key && at === part && severity === "warning" ? [{ code: kind, span }] : [],
  );
}

/** `Part 2 of 3`, and what can be done with it. */
function PartHead({ index, active }: { index: number; active: boolean }) {
  const { t } = useTranslation();
  const { text, editText, openPart, tab, views } = useComposer();
  const last = text.segments.length - 1;
  const count = tightest(viewsOfTab(tab, views), index)?.counts[index];
  const over = count?.limit !== undefined && count.length > count.limit;
  const move = (to: number) => {
    editText((now) => ({ ...now, segments: moved(now.segments, index, to) }));
    openPart(to);
  };
  const entries: MenuEntry[] = [
    {
      id: "up",
      label: t("compose.part_up"),
      icon: <ArrowUp size={14} strokeWidth={1.75} aria-hidden />,
      off: index === 0 && t("compose.off.first"),
      onSelect: () => move(index - 1),
    },
    {
      id: "down",
      label: t("compose.part_down"),
      icon: <ArrowDown size={14} strokeWidth={1.75} aria-hidden />,
      off: index === last && t("compose.off.last"),
      onSelect: () => move(index + 1),
    },
    {
      id: "remove",
      label: t("compose.part_remove"),
      icon: <X size={14} strokeWidth={1.75} aria-hidden />,
      danger: true,
      onSelect: () =>
        editText((now) => removePart(now, index), t("compose.done.part_removed", { n: index + 1 })),
    },
  ];
  return (
    <div className="flex items-center gap-2 px-6 pt-3 text-meta">
      <h3 className={clsx("font-strong", active ? "text-accent-text" : "text-text-2")}>
        {t("compose.part", { n: index + 1, of: last + 1 })}
      </h3>
      {count ? (
        <span className={clsx("tnum", over ? "text-bad-fg" : "text-text-3")}>
          {count.limit === undefined
            ? figure(count.length)
            : `${figure(count.length)} / ${figure(count.limit)}`}
        </span>
      ) : null}
      <span className="ml-auto">
        <Menu
          trigger={
            <IconButton
              size="row"
              label={t("compose.part_menu", { n: index + 1 })}
              icon={<Ellipsis size={14} strokeWidth={2} aria-hidden />}
            />
          }
          groups={[entries]}
        />
      </span>
    </div>
  );
}

/** Signs to put in, pictures, the cut; right: how much room is left on the tightest network. */
function Tools({
  countId,
  index,
  onCut,
  onInsert,
  onHelp,
}: {
  countId: string;
  index: number;
  onCut: () => void;
  onInsert: (sign: string) => void;
  onHelp: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const { tab, views, nameOf, takeFiles, prepareProblem } = useComposer();
  const picker = useRef<HTMLInputElement>(null);
  const view = tightest(viewsOfTab(tab, views), index);
  const count = view?.counts[index];
  const icon = { size: 16, strokeWidth: 1.75, "aria-hidden": true } as const;
  const words =
    view && count
      ? count.limit === undefined
        ? t("compose.count_free", { network: nameOf(view.network), count: count.length })
        : t("compose.count", {
            network: nameOf(view.network),
            length: count.length,
            limit: count.limit,
          })
      : "";
  return (
    <div className="flex h-11 items-center gap-1 px-[18px]">
      <input
        ref={picker}
        type="file"
        multiple
        accept="image/*,.heic,.heif"
        hidden
        aria-label={t("compose.add_pictures")}
        onChange={(event) => {
          takeFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      <IconButton
        label={t("compose.add_pictures")}
        icon={<ImagePlus {...icon} />}
        onClick={() => picker.current?.click()}
      />
      <IconButton
        label={t("compose.mention")}
        icon={<AtSign {...icon} />}
        onClick={() => onInsert("@")}
      />
      <IconButton
        label={t("compose.tag")}
        icon={<Hash {...icon} />}
        onClick={() => onInsert("#")}
      />
      <IconButton
        label={t("compose.cut_here")}
        keys="Mod+Shift+Enter"
        icon={<Split {...icon} className="rotate-90" />}
        onClick={onCut}
      />
      {onHelp ? (
        <IconButton
          label={t("writing.title")}
          keys="Mod+J"
          icon={<WandSparkles {...icon} />}
          onClick={onHelp}
        />
      ) : null}
      <span className="ml-auto flex items-center gap-2" id={countId}>
        {prepareProblem ? (
          <span className="text-meta text-warn-fg">{t("compose.counts_old")}</span>
        ) : null}
        {view && count?.limit !== undefined ? (
          <>
            {tab.key === "shared" ? (
              <span className="text-meta text-text-3">{nameOf(view.network)}</span>
            ) : null}
            <CounterRing length={count.length} limit={count.limit} label={words} />
          </>
        ) : count ? (
          <span className="tnum text-text-3" title={words}>
            {figure(count.length)}
          </span>
        ) : null}
      </span>
    </div>
  );
}
