import type { Body } from "@/bindings";

/**
 * What is typed is also in the window's own storage until the core has it: should the core be away
 * for a while, or the window end within the second, nothing typed is lost.
 */
export interface Rescue {
  persona: string;
  body: Body;
  at: number;
}

const KEY = "rostrum.typed.";

export function putRescue(content: string, rescue: Rescue): void {
  try {
    window.localStorage.setItem(KEY + content, JSON.stringify(rescue));
  } catch {
    // Full or forbidden: the core's copy is the one that counts.
  }
}

export function rescueOf(content: string): Rescue | undefined {
  try {
    const raw = window.localStorage.getItem(KEY + content);
    return raw ? (JSON.parse(raw) as Rescue) : undefined;
  } catch {
    return undefined;
  }
}

export function dropRescue(content: string): void {
  window.localStorage.removeItem(KEY + content);
}

/** Typing that no core has, newest first. */
export function rescues(): { content: string; at: number }[] {
  const found: { content: string; at: number }[] = [];
  for (let at = 0; at < window.localStorage.length; at += 1) {
    const key = window.localStorage.key(at);
    if (!key?.startsWith(KEY)) continue;
    const content = key.slice(KEY.length);
    const rescue = rescueOf(content);
    if (rescue) found.push({ content, at: rescue.at });
  }
  return found.sort((a, b) => b.at - a.at);
}

const COUNTED = "rostrum.counted.";

/** Networks without an account that a persona's texts are counted for. */
export function countedOf(persona: string): string[] {
  try {
    const raw = JSON.parse(window.localStorage.getItem(COUNTED + persona) ?? "[]") as unknown;
    return Array.isArray(raw) ? raw.filter((network) => typeof network === "string") : [];
  } catch {
    return [];
  }
}

export function keepCounted(persona: string, networks: readonly string[]): void {
  window.localStorage.setItem(COUNTED + persona, JSON.stringify(networks));
}
