import type { Account, PersonaDetail } from "@/bindings";
import type { GlyphName, Tone } from "@/shared";

export type Health = "connected" | "trouble" | "needs_reconnect" | "disconnected";

/** How an account stands; a connected one may still have said something worth a look. */
export function healthOf(account: Account): Health {
  return account.status === "connected" && account.trouble ? "trouble" : account.status;
}

export const healthLook: Record<Health, { tone: Tone; glyph: GlyphName }> = {
  connected: { tone: "ok", glyph: "ring-check" },
  trouble: { tone: "warn", glyph: "half-disc" },
  needs_reconnect: { tone: "warn", glyph: "arrow-back" },
  disconnected: { tone: "neutral", glyph: "ring-cross" },
};

/** Accounts of a persona that wait for a person. */
export function troubled(persona: PersonaDetail): number {
  return persona.accounts.filter((one) => {
    const health = healthOf(one);
    return health === "needs_reconnect" || health === "trouble";
  }).length;
}
