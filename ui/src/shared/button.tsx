import { clsx } from "clsx";
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { Kbd } from "./kbd";
import { Tooltip } from "./tooltip";

export type ButtonKind = "primary" | "plain" | "ghost" | "danger";
export type ButtonSize = "row" | "normal" | "big";

const kinds: Record<ButtonKind, string> = {
  primary: "on-accent bg-accent text-on-accent enabled:hover:bg-accent-hover",
  plain: "bg-raised text-text shadow-[inset_0_0_0_1px_var(--line-2)] enabled:hover:bg-hover",
  ghost: "text-text-2 enabled:hover:bg-hover enabled:hover:text-text",
  danger: "bg-raised text-bad-fg shadow-[inset_0_0_0_1px_var(--line-2)] enabled:hover:bg-hover",
};
const sizes: Record<ButtonSize, string> = {
  row: "h-6 gap-1.5 px-2 text-meta",
  normal: "h-7 gap-1.5 px-2.5 text-base",
  big: "h-8 gap-2 px-3.5 text-base",
};

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "type"> {
  kind?: ButtonKind;
  size?: ButtonSize;
  icon?: ReactNode;
  /** The shortcut that does the same, shown in place. */
  keys?: string;
  /** Why it cannot be used now; switches the button off and says so. */
  off?: string | false | undefined;
  /** Under way: the button is off but keeps its words. */
  busy?: boolean;
  submit?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** A verb. One primary per view; danger is a red word, never a red ground. */
export function Button({
  kind = "plain",
  size = "normal",
  icon,
  keys,
  off,
  busy,
  submit,
  className,
  children,
  onClick,
  disabled,
  ...rest
}: ButtonProps) {
  const away = Boolean(off) || busy || disabled;
  const button = (
    <button
      {...rest}
      type={submit ? "submit" : "button"}
      // Kept focusable so that the reason can be read by keyboard too.
      aria-disabled={away || undefined}
      onClick={away ? (event) => event.preventDefault() : onClick}
      className={clsx(
        "inline-flex shrink-0 items-center justify-center rounded-control font-medium whitespace-nowrap transition-colors duration-80",
        kinds[kind],
        sizes[size],
        away && "pointer-events-auto opacity-50",
        className,
      )}
    >
      {icon}
      {children}
      {keys ? <Kbd keys={keys} className="-mr-0.5 ml-0.5" /> : null}
    </button>
  );
  return off ? <Tooltip text={off}>{button}</Tooltip> : button;
}

export interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "type"> {
  /** What it does: its accessible name and its tooltip. */
  label: string;
  icon: ReactNode;
  keys?: string;
  kind?: "plain" | "ghost";
  size?: "row" | "normal";
  ref?: Ref<HTMLButtonElement>;
}

/** A button of one sign; its name is in the tooltip. */
export function IconButton({
  label,
  icon,
  keys,
  kind = "ghost",
  size = "normal",
  className,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip text={label} {...(keys ? { keys } : {})}>
      <button
        {...rest}
        type="button"
        aria-label={label}
        className={clsx(
          "inline-flex shrink-0 items-center justify-center rounded-control transition-colors duration-80 disabled:opacity-50",
          kinds[kind],
          size === "row" ? "size-6" : "size-7",
          className,
        )}
      >
        {icon}
      </button>
    </Tooltip>
  );
}
