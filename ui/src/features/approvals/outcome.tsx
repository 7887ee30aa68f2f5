import { useTranslation } from "react-i18next";
import type { RequestStatus } from "@/bindings";
import { Chip, type GlyphName, type Tone } from "@/shared";

export const outcomeLook: Record<RequestStatus, { tone: Tone; glyph: GlyphName }> = {
  awaiting_media: { tone: "neutral", glyph: "hourglass" },
  open: { tone: "review", glyph: "ring-dot" },
  approved: { tone: "ok", glyph: "ring-check" },
  changes_requested: { tone: "warn", glyph: "arrow-back" },
  rejected: { tone: "bad", glyph: "ring-slash" },
  superseded: { tone: "neutral", glyph: "dashed-ring" },
  expired: { tone: "neutral", glyph: "hourglass" },
  withdrawn: { tone: "neutral", glyph: "ring-cross" },
};

/** Where a request stands: glyph and word. */
export function Outcome({ status }: { status: RequestStatus }) {
  const { t } = useTranslation();
  const { tone, glyph } = outcomeLook[status];
  return (
    <Chip tone={tone} glyph={glyph}>
      {t(`request.status.${status}`)}
    </Chip>
  );
}
