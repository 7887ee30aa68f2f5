import { Dialog, DialogBackdrop, DialogPanel } from "@headlessui/react";
import { Search } from "lucide-react";
import { type ReactNode, useDeferredValue, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContentRow, Overview } from "@/bindings";
import { useAnswer } from "@/data";
import { Kbd, machineZone, Slant, StatusGlyph, tinyDay } from "@/shared";
import { type ActionId, actions, useKeys, useOffered } from "./actions";
import { cut, hits } from "./find";
import { useGo } from "./go";
import { useSession } from "./session";

const CONTENTS = 6;

/** Search over actions, contents, personas: what can be done right now, by typing. */
export function Palette({ overview }: { overview: Overview | undefined }) {
  const open = useSession((session) => session.palette);
  const { t } = useTranslation();
  const close = () => useSession.setState({ palette: false });
  return (
    <Dialog open={open} onClose={close} aria-label={t("palette.title")} className="relative z-50">
      <DialogBackdrop className="fade-in fixed inset-0 bg-scrim" />
      <div className="fixed inset-0 flex items-start justify-center p-4 pt-[12vh]">
        <DialogPanel className="pop-in w-full max-w-[600px] overflow-hidden rounded-sheet bg-raised shadow-float">
          {open ? <Finder overview={overview} onDone={close} /> : null}
        </DialogPanel>
      </div>
    </Dialog>
  );
}

interface Entry {
  key: string;
  group: string;
  face: ReactNode;
  run: () => void;
}

function Finder({ overview, onDone }: { overview: Overview | undefined; onDone: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const [typed, setTyped] = useState("");
  const search = useDeferredValue(typed.trim());
  const { entries, reading } = useEntries(overview, search);
  const [chosen, setChosen] = useState<string | undefined>();
  const at = Math.max(
    0,
    entries.findIndex((entry) => entry.key === chosen),
  );
  const current = entries[at];
  const groups = [...new Set(entries.map((entry) => entry.group))];

  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onDone();
    entry.run();
  };
  const move = (by: number) => {
    const next = entries[(at + by + entries.length) % entries.length];
    setChosen(next?.key);
    document.getElementById(`${id}-${next?.key}`)?.scrollIntoView({ block: "nearest" });
  };

  return (
    <div className="flex max-h-[60vh] flex-col">
      <div className="flex h-12 shrink-0 items-center gap-2.5 border-b border-line px-4">
        <Search size={16} strokeWidth={1.75} aria-hidden className="text-text-3" />
        <input
          type="text"
          role="combobox"
          aria-expanded
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={current ? `${id}-${current.key}` : undefined}
          aria-label={t("shell.search")}
          placeholder={t("shell.search")}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setChosen(undefined);
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") move(1);
            else if (event.key === "ArrowUp") move(-1);
            else if (event.key === "Enter") run(current);
            else return;
            event.preventDefault();
          }}
          className="min-w-0 flex-1 bg-transparent text-place font-normal outline-none! placeholder:text-text-3"
        />
        <Kbd keys="Escape" />
      </div>
      <div
        id={id}
        role="listbox"
        tabIndex={-1}
        aria-label={t("palette.title")}
        className="min-h-0 flex-1 overflow-y-auto p-2"
      >
        {entries.length === 0 && !reading ? (
          <p className="px-2 py-6 text-center text-text-2">
            {t("palette.nothing", { search: typed.trim() })}
          </p>
        ) : null}
        {groups.map((group) => (
          <div key={group} role="group" aria-label={group}>
            <div aria-hidden className="px-2 pt-2 pb-1 text-meta font-medium text-text-3">
              {group}
            </div>
            {entries
              .filter((entry) => entry.group === group)
              .map((entry) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
                // biome-ignore lint/a11y/useFocusableInteractive: named by aria-activedescendant
                <div
                  key={entry.key}
                  id={`${id}-${entry.key}`}
                  role="option"
                  aria-selected={entry === current}
                  data-selected={entry === current}
                  onPointerMove={() => setChosen(entry.key)}
                  onClick={() => run(entry)}
                  className="flex h-[34px] cursor-default items-center gap-2.5 rounded-control px-2 text-base data-[selected=true]:bg-selected"
                >
                  {entry.face}
                </div>
              ))}
          </div>
        ))}
      </div>
      <div className="flex h-9 shrink-0 items-center gap-4 border-t border-line bg-inset px-4 text-meta text-text-3">
        <span className="flex items-center gap-2">
          {t("palette.open")} <Kbd keys="Enter" />
        </span>
        <span className="flex items-center gap-2">
          {t("palette.move")} <Kbd keys="ArrowUp ArrowDown" />
        </span>
        <span className="tnum ml-auto" role="status">
          {search === "" ? "" : t("palette.found", { count: entries.length })}
        </span>
      </div>
    </div>
  );
}

/** What can be done now and what was found, in the order shown. */
function useEntries(
  overview: Overview | undefined,
  search: string,
): { entries: Entry[]; reading: boolean } {
  const { t } = useTranslation();
  const go = useGo();
  const offered = useOffered();
  const subject = useSession((session) => session.subject);
  const found = useAnswer(
    { type: "queue", filter: { search, statuses: [] }, limit: CONTENTS },
    { enabled: search !== "", keep: true },
  );
  const doable = offered
    .filter(({ id }) => !actions[id].quiet && hits(t(actions[id].words), search) !== undefined)
    .map(({ id, offer }): Entry & { about: boolean } => {
      const about = subject !== undefined && actions[id].section === "content";
      return {
        key: `action-${id}`,
        group: about ? t("palette.with", { headline: subject }) : t("palette.actions"),
        about,
        face: <ActionFace id={id} search={search} hint={offer.hint} />,
        run: offer.run,
      };
    });
  const contents = (search === "" ? [] : (found.data?.rows ?? [])).map(
    (row): Entry => ({
      key: `content-${row.id}`,
      group: t("palette.contents"),
      face: <ContentFace row={row} search={search} />,
      run: () => go({ type: "content", id: row.id }),
    }),
  );
  const personas = (overview?.personas ?? [])
    .filter(({ persona }) => search !== "" && hits(persona.name, search))
    .map(
      ({ persona, open }): Entry => ({
        key: `persona-${persona.id}`,
        group: t("palette.go"),
        face: (
          <>
            <span className="flex w-4 justify-center">
              <Slant hue={persona.hue} height={13} />
            </span>
            <span className="ellipsis flex-1">
              <Found text={persona.name} search={search} />
            </span>
            <span className="tnum text-text-3">{t("palette.open_posts", { count: open })}</span>
          </>
        ),
        run: () => go({ type: "queue", search: { persona: persona.id } }),
      }),
    );
  const first = doable.filter((entry) => entry.about);
  const rest = doable.filter((entry) => !entry.about);
  return { entries: [...first, ...rest, ...contents, ...personas], reading: found.isFetching };
}

function ContentFace({ row, search }: { row: ContentRow; search: string }) {
  const { t } = useTranslation();
  return (
    <>
      <StatusGlyph status={row.status} />
      <Slant hue={row.persona.hue} height={12} />
      <span className="ellipsis flex-1" dir="auto">
        <Found text={row.headline} search={search} />
      </span>
      <span className="tnum shrink-0 text-text-3">
        {row.at ? tinyDay(row.at.at, machineZone()) : t(`status.content.${row.status}`)}
      </span>
    </>
  );
}

function ActionFace({
  id,
  search,
  hint,
}: {
  id: ActionId;
  search: string;
  hint: string | undefined;
}) {
  const { t } = useTranslation();
  const keys = useKeys(id);
  const Icon = actions[id].icon;
  return (
    <>
      <Icon size={16} strokeWidth={1.75} aria-hidden className="shrink-0 text-text-2" />
      <span>
        <Found text={t(actions[id].words)} search={search} />
      </span>
      {hint ? <span className="text-text-3">{hint}</span> : null}
      {keys ? <Kbd keys={keys} className="ml-auto" /> : null}
    </>
  );
}

/** A text with what was searched for set off. */
export function Found({ text, search }: { text: string; search: string }) {
  let at = 0;
  return cut(text, search).map((part) => {
    const key = at;
    at += part.text.length;
    return part.hit ? (
      <mark key={key} className="find">
        {part.text}
      </mark>
    ) : (
      part.text
    );
  });
}
