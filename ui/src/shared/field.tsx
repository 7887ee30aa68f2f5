import { clsx } from "clsx";
import { Search, X } from "lucide-react";
import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type TextareaHTMLAttributes,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
} from "react";
import { useTranslation } from "react-i18next";
import { Glyph } from "./glyph";

const edge =
  "w-full rounded-control bg-raised px-2.5 text-base text-text shadow-[inset_0_0_0_1px_var(--edge,var(--control))] transition-shadow duration-80 focus-within:outline-2 focus-within:outline-offset-0 focus-within:outline-focus disabled:opacity-50";
const faulty = "[--edge:var(--bad-dot)]";

/** A label above, the control, and what is wrong under it. */
export function Labelled({
  label,
  hint,
  error,
  id,
  children,
  className,
  aside,
}: {
  label?: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  id: string;
  children: ReactNode;
  className?: string;
  aside?: ReactNode;
}) {
  return (
    <div className={clsx("flex min-w-0 flex-col gap-1", className)}>
      {label ? (
        <span className="flex items-baseline justify-between gap-2">
          <label htmlFor={id} className="text-meta text-text-2">
            {label}
          </label>
          {aside}
        </span>
      ) : null}
      {children}
      {error ? <FieldError id={`${id}-error`}>{error}</FieldError> : null}
      {hint && !error ? (
        <span id={`${id}-hint`} className="text-meta text-text-3">
          {hint}
        </span>
      ) : null}
    </div>
  );
}

/** What is wrong with a field: glyph and words. */
export function FieldError({ id, children }: { id?: string; children: ReactNode }) {
  return (
    <span id={id} role="alert" className="flex items-start gap-1.5 text-meta text-bad-fg">
      <Glyph name="ring-cross" size={13} className="mt-[1.5px]" />
      {children}
    </span>
  );
}

export interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange"> {
  label?: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  aside?: ReactNode;
  icon?: ReactNode;
  onText?: (text: string) => void;
  ref?: Ref<HTMLInputElement>;
  boxClassName?: string;
}

/** One line of text, 30 px, with a 3:1 edge. */
export function Field({
  label,
  hint,
  error,
  aside,
  icon,
  onText,
  className,
  boxClassName,
  id: given,
  ...rest
}: FieldProps) {
  const made = useId();
  const id = given ?? made;
  return (
    <Labelled
      label={label}
      hint={hint}
      error={error}
      aside={aside}
      id={id}
      {...(boxClassName ? { className: boxClassName } : {})}
    >
      <span className="relative block">
        {icon ? (
          <span className="pointer-events-none absolute inset-y-0 left-2.5 flex items-center text-text-3">
            {icon}
          </span>
        ) : null}
        <input
          autoComplete="off"
          {...rest}
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : hint ? `${id}-hint` : undefined}
          onChange={(event) => onText?.(event.target.value)}
          className={clsx(edge, "h-[30px]", icon && "pl-8", error && faulty, className)}
        />
      </span>
    </Labelled>
  );
}

/** A field to find things in a list; Escape empties it first. */
export function SearchField({
  value,
  onText,
  label,
  className,
  ref,
}: {
  value: string;
  onText: (text: string) => void;
  label: string;
  className?: string;
  ref?: Ref<HTMLInputElement>;
}) {
  const { t } = useTranslation();
  return (
    <span className={clsx("relative block", className)}>
      <Search
        size={14}
        strokeWidth={2}
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-text-3"
      />
      <input
        ref={ref}
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          if (value) onText("");
          else event.currentTarget.blur();
        }}
        className={clsx(edge, "h-[26px] appearance-none pr-7 pl-8 text-meta")}
      />
      {value ? (
        <button
          type="button"
          aria-label={t("common.clear")}
          onClick={() => onText("")}
          className="absolute top-1/2 right-1 flex size-5 -translate-y-1/2 items-center justify-center rounded-key text-text-3 hover:bg-hover"
        >
          <X size={13} strokeWidth={2} aria-hidden />
        </button>
      ) : null}
    </span>
  );
}

export interface TextAreaProps
  extends Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "onChange"> {
  label?: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  onText?: (text: string) => void;
  /** What a person writes to be published is set in the serif. */
  writing?: boolean;
  ref?: Ref<HTMLTextAreaElement>;
  boxClassName?: string;
}

/** Several lines; grows with the text up to its maximum height. */
export function TextArea({
  label,
  hint,
  error,
  onText,
  writing,
  className,
  boxClassName,
  id: given,
  rows = 3,
  ref,
  ...rest
}: TextAreaProps) {
  const made = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(ref, () => box.current as HTMLTextAreaElement, []);
  useLayoutEffect(() => {
    if (box.current) grow(box.current);
  });
  const id = given ?? made;
  return (
    <Labelled
      label={label}
      hint={hint}
      error={error}
      id={id}
      {...(boxClassName ? { className: boxClassName } : {})}
    >
      <textarea
        dir="auto"
        spellCheck
        ref={box}
        rows={rows}
        onInput={(event) => grow(event.currentTarget)}
        {...rest}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : hint ? `${id}-hint` : undefined}
        onChange={(event) => onText?.(event.target.value)}
        className={clsx(
          edge,
          "field-sizing-content resize-none py-1.5",
          writing && "px-3 py-2.5 font-serif text-write",
          error && faulty,
          className,
        )}
      />
    </Labelled>
  );
}

const growsAlone = typeof CSS !== "undefined" && CSS.supports?.("field-sizing", "content");

/** WebKitGTK does not know `field-sizing` yet: the height follows the text by hand. */
function grow(box: HTMLTextAreaElement): void {
  if (growsAlone) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}
