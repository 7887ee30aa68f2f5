import { clsx } from "clsx";
import { type HueName, hueClass, Slant } from "./slant";

/** Two letters that stand for a name: the first of the first and of the last word. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = words[0] ?? "";
  const last = words.length > 1 ? (words[words.length - 1] ?? "") : "";
  const letters = [...first].slice(0, last ? 1 : 2).join("") + ([...last][0] ?? "");
  return words.length > 1 ? letters.toUpperCase() : capitalised(letters);
}

function capitalised(letters: string): string {
  const [head = "", ...rest] = [...letters];
  return head.toUpperCase() + rest.join("").toUpperCase();
}

/** A persona's (with a hue) or a person's (without) letters on a tinted round. */
export function PersonaAvatar({
  name,
  hue,
  size = 24,
  className,
}: {
  name: string;
  hue?: HueName;
  size?: number;
  className?: string;
}) {
  return (
    <span
      aria-hidden
      data-hue={hue}
      className={clsx(
        "avatar inline-flex shrink-0 items-center justify-center rounded-full font-strong",
        hue && hueClass(hue),
        className,
      )}
      style={{ width: size, height: size, fontSize: Math.max(9, Math.round(size * 0.4)) }}
    >
      {initials(name)}
    </span>
  );
}

/** The slant and the name, wherever a persona is named. */
export function PersonaName({
  name,
  hue,
  className,
}: {
  name: string;
  hue: HueName;
  className?: string;
}) {
  return (
    <span className={clsx("inline-flex min-w-0 items-center gap-[5px]", className)}>
      <Slant hue={hue} height={12} />
      <span className="ellipsis">{name}</span>
    </span>
  );
}
