import { Plus, X } from "lucide-react";
import { useId, useRef } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "./button";
import { Field, TextArea } from "./field";

/** A list of short texts: Enter goes to an empty one below or adds it, Backspace in an empty one takes it away. */
export function LinesField({
  label,
  hint,
  values,
  onChange,
  add,
  long = false,
  name = (n) => `${label} ${n}`,
  max = Number.POSITIVE_INFINITY,
  lang,
}: {
  label: string;
  hint?: string;
  values: readonly string[];
  onChange: (values: string[]) => void;
  /** What the button says that adds one. */
  add: string;
  /** Several lines each, set in the serif: posts that sound right. */
  long?: boolean;
  /** What a line is called for a screen reader, counted from 1. */
  name?: (n: number) => string;
  /** No more than so many can be added. */
  max?: number;
  /** What the lines are written in. */
  lang?: string | undefined;
}) {
  const { t } = useTranslation();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  // At once, with the line drawn: what is typed in the next moment belongs there.
  const focus = (at: number) =>
    box.current?.querySelectorAll<HTMLElement>("input,textarea")[at]?.focus();
  const change = (next: string[], at: number) => {
    flushSync(() => onChange(next));
    focus(at);
  };
  const set = (at: number, text: string) =>
    onChange(values.map((value, n) => (n === at ? text : value)));
  const insert = (at: number) => {
    if (values.length >= max) return;
    change([...values.slice(0, at), "", ...values.slice(at)], at);
  };
  const remove = (at: number) => {
    change(
      values.filter((_, n) => n !== at),
      Math.max(0, at - 1),
    );
  };
  return (
    <div ref={box} role="group" aria-labelledby={id} className="flex flex-col gap-1.5">
      <span className="flex items-baseline justify-between gap-2">
        <span id={id} className="text-meta font-strong text-text">
          {label}
        </span>
        {hint ? <span className="text-meta text-text-3">{hint}</span> : null}
      </span>
      {values.map((value, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are told apart by their place alone
        <div key={at} className="flex items-start gap-1">
          {long ? (
            <TextArea
              aria-label={name(at + 1)}
              value={value}
              onText={(text) => set(at, text)}
              lang={lang}
              writing
              rows={2}
              boxClassName="flex-1"
            />
          ) : (
            <Field
              aria-label={name(at + 1)}
              dir="auto"
              lang={lang}
              spellCheck
              value={value}
              onText={(text) => set(at, text)}
              boxClassName="flex-1"
              onKeyDown={(event) => {
                if (event.key === "Enter") {
                  event.preventDefault();
                  if (values[at + 1] === "") focus(at + 1);
                  else insert(at + 1);
                } else if (event.key === "Backspace" && value === "") {
                  event.preventDefault();
                  remove(at);
                }
              }}
            />
          )}
          <IconButton
            label={t("common.remove", { what: value || name(at + 1) })}
            icon={<X size={14} strokeWidth={2} aria-hidden />}
            onClick={() => remove(at)}
          />
        </div>
      ))}
      {values.length < max ? (
        <div>
          <Button
            size="row"
            kind="ghost"
            icon={<Plus size={13} strokeWidth={2} aria-hidden />}
            onClick={() => insert(values.length)}
          >
            {add}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
