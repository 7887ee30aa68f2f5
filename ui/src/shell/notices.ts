import i18next from "i18next";
import type { Notification, NotificationKind, Place } from "@/bindings";
import { brief, type GlyphName, networkName, say, type Tone } from "@/shared";
import { machineZone, soon } from "@/shared/time";

const looks: Record<NotificationKind, { tone: Tone; glyph: GlyphName }> = {
  approval_pending: { tone: "review", glyph: "ring-dot" },
  decision: { tone: "ok", glyph: "ring-check" },
  expired: { tone: "warn", glyph: "missed" },
  published: { tone: "ok", glyph: "stop" },
  failed: { tone: "bad", glyph: "octagon" },
  unconfirmed: { tone: "ask", glyph: "question" },
  missed: { tone: "warn", glyph: "missed" },
  reconnect: { tone: "warn", glyph: "ring-pause" },
  sign_in_over: { tone: "warn", glyph: "arrow-back" },
  empty_slot: { tone: "neutral", glyph: "ring-dash" },
  slot_idea: { tone: "neutral", glyph: "ring-dash" },
  draft_made: { tone: "info", glyph: "ring-dash" },
  summary: { tone: "info", glyph: "clock" },
  mentioned: { tone: "review", glyph: "ring-dot" },
  stuck: { tone: "warn", glyph: "ring-pause" },
  hand_off: { tone: "warn", glyph: "clock" },
  delegated: { tone: "review", glyph: "ring-dot" },
  outside_note: { tone: "review", glyph: "ring-dot" },
};

/** When the core last told something of a delivery: quicker than the answer to who sent it. */
const told = new Map<string, number>();
const JUST_NOW_MS = 1_500;

/** Says that posts are on their way; what the core then tells of the first takes the toast's place. */
export function sayGoing(delivery: string | undefined, text: string): void {
  if (delivery && Date.now() - (told.get(delivery) ?? 0) < JUST_NOW_MS) return;
  say({ text, tone: "run", glyph: "arrow-up", ...(delivery ? { id: toastOf(delivery) } : {}) });
}

function toastOf(delivery: string): string {
  return `delivery:${delivery}`;
}

/** Says in the window what a desktop notification says outside it. */
export function sayNotification(
  notification: Notification,
  me: string | undefined,
  open: (place: Place) => void,
  /** The name of its organization, where that is not the one that is shown. */
  where?: string,
  /** It is addressed to who uses the window, also where its words name somebody who is away. */
  toMe = false,
): void {
  const { kind, args, network, place, key, delivery } = notification;
  if (delivery) told.set(delivery, Date.now());
  // On one computer what waits for another is told outside the window; who submits it knows. Who
  // decides knows that too.
  if (kind === "approval_pending" && !toMe && me && args.for && args.for !== me) return;
  if (kind === "decision" && args.person === me) return;
  const words = {
    ...args,
    ...(args.headline ? { headline: brief(args.headline) } : {}),
    ...(args.time ? { time: soon(args.time, machineZone()) } : {}),
    network: network ? networkName(network, i18next.t("network.site")) : (args.network ?? ""),
  };
  const title = i18next.t(`notification.${kind}.title`, words);
  say({
    id: delivery ? toastOf(delivery) : key,
    text: where ? `${where}: ${title}` : title,
    ...looks[kind],
    action: { label: i18next.t("common.open"), onAct: () => void open(place) },
  });
}
