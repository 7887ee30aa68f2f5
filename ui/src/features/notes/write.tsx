import { clsx } from "clsx";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAnswer } from "@/data";
import { Button, PersonaAvatar, TextArea } from "@/shared";
import { floating } from "@/shared/floating";
import { mentionAt } from "./mentions";

/** Where a note is written; `@` offers the people of the organization. */
export function WriteNote({
  label,
  action,
  onSend,
  onCancel,
}: {
  label: string;
  action: string;
  /** Whether it was taken. */
  onSend: (text: string) => Promise<boolean>;
  onCancel: () => void;
}) {
  const { t } = useTranslation();
  const people = useAnswer({ type: "overview" }).data?.people ?? [];
  const [text, setText] = useState("");
  const [caret, setCaret] = useState(0);
  const [at, setAt] = useState(0);
  const [shut, setShut] = useState(false);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const list = useId();
  useEffect(() => field.current?.focus(), []);
  // With the name in place and before the next key: what is typed then goes on behind it.
  const wanted = useRef<number>(undefined);
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    field.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = undefined;
  });

  const asked = shut ? undefined : mentionAt(text, caret);
  const offered = asked
    ? people
        .filter((one) => one.name.toLocaleLowerCase().includes(asked.words.toLocaleLowerCase()))
        .slice(0, 5)
    : [];
  const chosen = offered[Math.min(at, offered.length - 1)];
  const take = (name: string) => {
    if (!asked) return;
    const head = `${text.slice(0, asked.from)}@${name} `;
    setText(head + text.slice(caret).trimStart());
    setCaret(head.length);
    setShut(true);
    field.current?.focus();
    wanted.current = head.length;
  };
  const send = async () => {
    if (text.trim() === "" || busy) return field.current?.focus();
    setBusy(true);
    const taken = await onSend(text.trim());
    setBusy(false);
    if (taken) onCancel();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (chosen && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const by = event.key === "ArrowDown" ? 1 : offered.length - 1;
      setAt((now) => (Math.min(now, offered.length - 1) + by) % offered.length);
    } else if (chosen && (event.key === "Enter" || event.key === "Tab") && !event.ctrlKey) {
      event.preventDefault();
      take(chosen.name);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (chosen) setShut(true);
      else onCancel();
    } else if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      void send();
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div className="relative">
        <TextArea
          ref={field}
          aria-label={label}
          placeholder={label}
          value={text}
          rows={2}
          className="max-h-40"
          role="combobox"
          aria-expanded={chosen !== undefined}
          aria-controls={list}
          aria-autocomplete="list"
          {...(chosen ? { "aria-activedescendant": `${list}-${chosen.id}` } : {})}
          onText={(next) => {
            setText(next);
            setCaret(field.current?.selectionStart ?? next.length);
            setShut(false);
            setAt(0);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
        />
        <div
          id={list}
          role="listbox"
          aria-label={t("notes.people")}
          className={clsx(floating, "absolute inset-x-0 top-full z-20 mt-1", !chosen && "hidden")}
        >
          {offered.map((one) => (
            <div
              key={one.id}
              id={`${list}-${one.id}`}
              role="option"
              tabIndex={-1}
              aria-selected={one === chosen}
              onMouseDown={(event) => {
                event.preventDefault();
                take(one.name);
              }}
              className={clsx(
                "flex w-full items-center gap-2 rounded-control px-2 py-1 text-left",
                one === chosen && "bg-hover",
              )}
            >
              <PersonaAvatar name={one.name} size={18} />
              <span className="ellipsis">{one.name}</span>
            </div>
          ))}
        </div>
      </div>
      <div className="mt-2 flex gap-2">
        <Button submit size="row" kind="primary" busy={busy} keys="Mod+Enter" onClick={() => {}}>
          {action}
        </Button>
        <Button size="row" kind="ghost" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
      </div>
    </form>
  );
}
