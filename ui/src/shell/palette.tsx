import { Dialog, DialogBackdrop, DialogPanel } from "@headlessui/react";
import { Command } from "cmdk";
import { Search } from "lucide-react";
import { type ReactNode, useDeferredValue, useState } from "react";
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
  const close = () => useSession.setState({ palette: false });
  return (
    <Dialog open={open} onClose={close} className="relative z-50">
      <DialogBackdrop className="fade-in fixed inset-0 bg-scrim" />
      <div className="fixed inset-0 flex items-start justify-center p-4 pt-[12vh]">
        <DialogPanel className="pop-in w-full max-w-[600px] overflow-hidden rounded-sheet bg-raised shadow-float">
          {open ? <Finder overview={overview} onDone={close} /> : null}
        </DialogPanel>
      </div>
    </Dialog>
  );
}

function Finder({ overview, onDone }: { overview: Overview | undefined; onDone: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const [typed, setTyped] = useState("");
  const search = useDeferredValue(typed.trim());
  const offered = useOffered();
  const subject = useSession((session) => session.subject);
  const found = useAnswer(
    { type: "queue", filter: { search, statuses: [] }, limit: CONTENTS },
    { enabled: search !== "", keep: true },
  );

  const doable = offered.filter(
    ({ id }) => !actions[id].quiet && hits(t(actions[id].words), search) !== undefined,
  );
  const withIt = subject ? doable.filter(({ id }) => actions[id].section === "content") : [];
  const alone = doable.filter((one) => !withIt.includes(one));
  const personas = (overview?.personas ?? []).filter(
    ({ persona }) => search !== "" && hits(persona.name, search),
  );
  const contents = search === "" ? [] : (found.data?.rows ?? []);
  const total = doable.length + personas.length + contents.length;
  const then = (run: () => void) => () => {
    onDone();
    run();
  };
  const openContent = (row: ContentRow) => () => go({ type: "content", id: row.id });

  return (
    <Command
      shouldFilter={false}
      loop
      label={t("palette.title")}
      className="flex max-h-[60vh] flex-col"
    >
      <div className="flex h-12 shrink-0 items-center gap-2.5 border-b border-line px-4">
        <Search size={16} strokeWidth={1.75} aria-hidden className="text-text-3" />
        <Command.Input
          value={typed}
          onValueChange={setTyped}
          placeholder={t("shell.search")}
          aria-label={t("shell.search")}
          data-autofocus
          className="min-w-0 flex-1 bg-transparent text-place font-normal outline-none! placeholder:text-text-3"
        />
        <Kbd keys="Escape" />
      </div>
      <Command.List className="min-h-0 flex-1 overflow-y-auto scroll-py-2 p-2">
        {total === 0 && !found.isFetching ? (
          <p className="px-2 py-6 text-center text-text-2">
            {t("palette.nothing", { search: typed.trim() })}
          </p>
        ) : null}
        <Group heading={t("palette.with", { headline: subject ?? "" })} there={withIt.length}>
          {withIt.map(({ id, offer }) => (
            <ActionItem key={id} id={id} search={search} onSelect={then(offer.run)} />
          ))}
        </Group>
        <Group heading={t("palette.actions")} there={alone.length}>
          {alone.map(({ id, offer }) => (
            <ActionItem
              key={id}
              id={id}
              search={search}
              {...(offer.hint ? { hint: offer.hint } : {})}
              onSelect={then(offer.run)}
            />
          ))}
        </Group>
        <Group heading={t("palette.contents")} there={contents.length}>
          {contents.map((row) => (
            <Item key={row.id} value={`content ${row.id}`} onSelect={then(openContent(row))}>
              <StatusGlyph status={row.status} />
              <Slant hue={row.persona.hue} height={12} />
              <span className="ellipsis flex-1" dir="auto">
                <Found text={row.headline} search={search} />
              </span>
              <span className="tnum shrink-0 text-text-3">
                {row.at ? tinyDay(row.at.at, machineZone()) : t(`status.content.${row.status}`)}
              </span>
            </Item>
          ))}
        </Group>
        <Group heading={t("palette.go")} there={personas.length}>
          {personas.map(({ persona, open }) => (
            <Item
              key={persona.id}
              value={`persona ${persona.id}`}
              onSelect={then(() => go({ type: "queue", search: { persona: persona.id } }))}
            >
              <span className="flex w-4 justify-center">
                <Slant hue={persona.hue} height={13} />
              </span>
              <span className="ellipsis flex-1">
                <Found text={persona.name} search={search} />
              </span>
              <span className="tnum text-text-3">{t("palette.open_posts", { count: open })}</span>
            </Item>
          ))}
        </Group>
      </Command.List>
      <div className="flex h-9 shrink-0 items-center gap-4 border-t border-line bg-inset px-4 text-meta text-text-3">
        <span className="flex items-center gap-2">
          {t("palette.open")} <Kbd keys="Enter" />
        </span>
        <span className="flex items-center gap-2">
          {t("palette.move")} <Kbd keys="ArrowUp ArrowDown" />
        </span>
        <span className="tnum ml-auto" role="status">
          {search === "" ? "" : t("palette.found", { count: total })}
        </span>
      </div>
    </Command>
  );
}

function Group({
  heading,
  there,
  children,
}: {
  heading: string;
  there: number;
  children: ReactNode;
}) {
  if (there === 0) return null;
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-meta [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-text-3"
    >
      {children}
    </Command.Group>
  );
}

function Item({
  value,
  onSelect,
  children,
}: {
  value: string;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex h-[34px] cursor-default items-center gap-2.5 rounded-control px-2 text-base data-[selected=true]:bg-selected"
    >
      {children}
    </Command.Item>
  );
}

function ActionItem({
  id,
  search,
  hint,
  onSelect,
}: {
  id: ActionId;
  search: string;
  hint?: string;
  onSelect: () => void;
}) {
  const { t } = useTranslation();
  const keys = useKeys(id);
  const Icon = actions[id].icon;
  return (
    <Item value={`action ${id}`} onSelect={onSelect}>
      <Icon size={16} strokeWidth={1.75} aria-hidden className="shrink-0 text-text-2" />
      <span>
        <Found text={t(actions[id].words)} search={search} />
      </span>
      {hint ? <span className="text-text-3">{hint}</span> : null}
      {keys ? <Kbd keys={keys} className="ml-auto" /> : null}
    </Item>
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
