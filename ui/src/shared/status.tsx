import { clsx } from "clsx";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Glyph, type GlyphName } from "./glyph";
import { type Tone, toneChip, toneDot } from "./tone";

/** How a content's status looks. The words live in the catalog under `status.content.*`. */
export const contentLook = {
  draft: { tone: "neutral", glyph: "dashed-ring" },
  in_review: { tone: "review", glyph: "ring-dot" },
  changes_requested: { tone: "warn", glyph: "arrow-back" },
  rejected: { tone: "bad", glyph: "ring-slash" },
  approved: { tone: "ok", glyph: "ring-check" },
  scheduled: { tone: "info", glyph: "clock" },
  publishing: { tone: "run", glyph: "arrow-up" },
  published: { tone: "ok", glyph: "stop" },
  partially_published: { tone: "warn", glyph: "half-disc" },
  failed: { tone: "bad", glyph: "octagon" },
  archived: { tone: "neutral", glyph: "box" },
} as const satisfies Record<string, { tone: Tone; glyph: GlyphName }>;

/** How a delivery's status looks. The words live in the catalog under `status.delivery.*`. */
export const deliveryLook = {
  planned: { tone: "neutral", glyph: "ring-dash" },
  due: { tone: "info", glyph: "hourglass" },
  sending: { tone: "run", glyph: "arrow-up" },
  handed_off: { tone: "info", glyph: "clock" },
  published: { tone: "ok", glyph: "stop" },
  failed: { tone: "bad", glyph: "octagon" },
  unconfirmed: { tone: "ask", glyph: "question" },
  missed: { tone: "warn", glyph: "missed" },
  held: { tone: "warn", glyph: "ring-pause" },
  cancelled: { tone: "neutral", glyph: "ring-cross" },
  deleted: { tone: "neutral", glyph: "box" },
  gone: { tone: "warn", glyph: "ring-slash" },
} as const satisfies Record<string, { tone: Tone; glyph: GlyphName }>;

export type ContentStatusName = keyof typeof contentLook;
export type DeliveryStatusName = keyof typeof deliveryLook;

type StatusProps =
  | { kind?: "content"; status: ContentStatusName }
  | { kind: "delivery"; status: DeliveryStatusName };

function useStatus(props: StatusProps) {
  const { t } = useTranslation();
  return props.kind === "delivery"
    ? { ...deliveryLook[props.status], word: t(`status.delivery.${props.status}`) }
    : { ...contentLook[props.status], word: t(`status.content.${props.status}`) };
}

/** A small label with a glyph on its tone's ground. */
export function Chip({
  tone = "neutral",
  glyph,
  icon,
  children,
  className,
}: {
  tone?: Tone;
  glyph?: GlyphName;
  icon?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <span
      className={clsx(
        "chip inline-flex h-5 shrink-0 items-center gap-[5px] rounded-chip px-1.5 text-meta font-medium whitespace-nowrap",
        toneChip[tone],
        className,
      )}
    >
      {glyph ? <Glyph name={glyph} size={13} /> : icon}
      {children}
    </span>
  );
}

/** Status as a chip: where one thing is looked at. */
export function StatusChip(props: StatusProps & { className?: string }) {
  const { tone, glyph, word } = useStatus(props);
  return (
    <Chip tone={tone} glyph={glyph} className={props.className}>
      {word}
    </Chip>
  );
}

/** Status as glyph and word: in rows. */
export function StatusWord(props: StatusProps & { className?: string }) {
  const { tone, glyph, word } = useStatus(props);
  return (
    <span
      className={clsx(
        "inline-flex items-center gap-1.5 text-meta whitespace-nowrap text-text-2",
        props.className,
      )}
    >
      <Glyph name={glyph} className={toneDot[tone]} />
      {word}
    </span>
  );
}

/** Status as the glyph alone, with the word as its accessible name: on the day line, in the calendar. */
export function StatusGlyph(props: StatusProps & { size?: number }) {
  const { tone, glyph, word } = useStatus(props);
  return <Glyph name={glyph} size={props.size ?? 14} className={toneDot[tone]} label={word} />;
}
