import type { Body, Network, PersonaProfile } from "@/bindings";
import { newId } from "@/data";
import { languageOf } from "@/language";
import { type HueName, machineZone } from "@/shared";

export type Sound = "warm" | "plain" | "dry";

/** What the person has said so far. */
export interface Draft {
  person: string;
  name: string;
  hue: HueName;
  language: string;
  zone: string;
  sound: Sound;
  never: string;
  text: string;
  picture: File | undefined;
  alt: string;
  /** The site's folder; empty means the one that is proposed. */
  folder: string;
}

/** Names made once, so that trying again repeats nothing. */
export interface Names {
  person: string;
  persona: string;
  identity: string;
  content: string;
  delivery: string;
  request: string;
}

export function newNames(): Names {
  return {
    person: newId(),
    persona: newId(),
    identity: newId(),
    content: newId(),
    delivery: newId(),
    request: newId(),
  };
}

export function newDraft(): Draft {
  return {
    person: "",
    name: "",
    hue: "glacier",
    language: languageOf(navigator.language).split("-")[0] ?? "en",
    zone: machineZone(),
    sound: "plain",
    never: "",
    text: "",
    picture: undefined,
    alt: "",
    folder: "",
  };
}

/** The words between commas. */
export function words(list: string): string[] {
  return list
    .split(/[,;\n]/)
    .map((word) => word.trim())
    .filter(Boolean);
}

export function profileOf(draft: Draft, tone: string, dos: string[]): PersonaProfile {
  return {
    name: draft.name.trim(),
    hue: draft.hue,
    language: draft.language,
    zone: draft.zone,
    voice: {
      tone,
      dos,
      // Words in quotation marks are never to be used.
      donts: words(draft.never).map((word) => `"${word}"`),
      samples: [],
    },
    audiences: [],
    slots: [],
    automation: { level: "by_hand", remind_before: 60 },
  };
}

/** A name as a folder's: lower case, letters and digits, hyphens between. */
export function folderName(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
}

/** The fields of the local site, its folder named after the persona. */
export function siteFields(
  site: Network | undefined,
  draft: Pick<Draft, "name" | "person" | "folder">,
): Record<string, string> {
  const given: Record<string, string> = {
    title: draft.name.trim(),
    author: draft.person.trim(),
  };
  const entries = (site?.methods[0]?.fields ?? []).map((field): [string, string] => [
    field.name,
    field.kind === "folder" ? folderOf(field.default, draft) : given[field.name] || field.default,
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== ""));
}

/** The folder that the site would be in; empty when the person has to say. */
export function siteFolder(
  site: Network | undefined,
  draft: Pick<Draft, "name" | "folder">,
): string {
  const field = site?.methods[0]?.fields.find((one) => one.kind === "folder");
  return field ? folderOf(field.default, draft) : "";
}

function folderOf(proposed: string, draft: Pick<Draft, "name" | "folder">): string {
  if (draft.folder.trim()) return draft.folder.trim();
  const own = folderName(draft.name);
  return proposed && own ? `${parent(proposed)}/${own}` : proposed;
}

/** The folder above the default one: each persona gets its own beside it. */
function parent(path: string): string {
  return path.replace(/[/\\][^/\\]*[/\\]?$/, "");
}

export function bodyOf(draft: Draft, identity: string, asset: string | undefined): Body {
  return {
    languages: [draft.language],
    shared: {
      segments: [
        {
          text: draft.text.replaceAll("\r\n", "\n").trim(),
          media: asset ? [{ asset, ...(draft.alt.trim() ? { alt: draft.alt.trim() } : {}) }] : [],
        },
      ],
      options: {},
    },
    variants: {},
    targets: [identity],
  };
}

/** The bytes of a file in Base64. */
export function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^,]*,/, ""));
    reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
    reader.readAsDataURL(file);
  });
}
