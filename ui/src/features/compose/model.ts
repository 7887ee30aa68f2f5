import type { Account, Body, CountedView, MediaUse, Prepared, Segment, Variant } from "@/bindings";

/** A text of the composer: the shared one, a network's own, or an account's own. */
export type TextKey = "shared" | `network:${string}` | `identity:${string}`;

/** One tab: a text and the accounts that get it. */
export interface Tab {
  key: TextKey;
  /** Absent for the shared text. */
  network?: string;
  /** The accounts that it speaks for. */
  identities: string[];
  /** It is written for this network alone. */
  own: boolean;
  /** A network without an account: counted and shown, never sent. */
  counted: boolean;
}

/** What one text becomes on one network. */
export type View = CountedView & { identity?: string };

export const emptySegment = (): Segment => ({ text: "", media: [] });

export function emptyBody(targets: string[], language: string, words = ""): Body {
  return {
    languages: language ? [language] : [],
    shared: { segments: [{ ...emptySegment(), text: words }], options: {} },
    variants: {},
    targets,
  };
}

/** Whether nothing was written or chosen yet. */
export function isBlank(body: Body): boolean {
  const texts = [body.shared, ...Object.values(body.variants)];
  const chosen = texts.some((text) => Object.keys(text.options).length > 0);
  return !body.title && !chosen && saysNothing(body);
}

/** Whether there is nothing to send, with or without a title. */
export function saysNothing(body: Body): boolean {
  const texts = [body.shared, ...Object.values(body.variants)];
  return texts.every((text) =>
    text.segments.every((part) => !part.text.trim() && part.media.length === 0),
  );
}

/** The tabs: the shared text, then networks in the order of the targets, then counted ones. */
export function tabsOf(
  body: Body,
  accounts: readonly Account[],
  counted: readonly string[],
): Tab[] {
  const tabs: Tab[] = [
    { key: "shared", identities: [...body.targets], own: false, counted: false },
  ];
  for (const id of body.targets) {
    const network = accounts.find((account) => account.id === id)?.network;
    if (!network) continue;
    if (body.variants[`identity:${id}`]) {
      tabs.push({ key: `identity:${id}`, network, identities: [id], own: true, counted: false });
      continue;
    }
    const known = tabs.find((tab) => tab.key === `network:${network}`);
    if (known) known.identities.push(id);
    else tabs.push(ofNetwork(body, network, [id], false));
  }
  for (const network of counted) {
    if (!tabs.some((tab) => tab.network === network)) tabs.push(ofNetwork(body, network, [], true));
  }
  return tabs;
}

function ofNetwork(body: Body, network: string, identities: string[], counted: boolean): Tab {
  const key = `network:${network}` as const;
  return { key, network, identities, own: key in body.variants, counted };
}

/** The text that a tab shows: its own, its network's, or the shared one. */
export function textOf(body: Body, tab: Pick<Tab, "key" | "network">): Variant {
  return (
    body.variants[tab.key] ??
    (tab.network ? body.variants[`network:${tab.network}`] : undefined) ??
    body.shared
  );
}

/** Edits the text of a tab. A network that used the shared text gets its own. */
export function editText(body: Body, tab: Tab, edit: (text: Variant) => Variant): Body {
  const next = edit(textOf(body, tab));
  if (tab.key === "shared") return { ...body, shared: next };
  return { ...body, variants: { ...body.variants, [tab.key]: next } };
}

/** Lets a network use the shared text again. */
export function dropOwn(body: Body, key: TextKey): Body {
  const { [key]: _, ...variants } = body.variants;
  return { ...body, variants };
}

/** Edits one part of a text. */
export function editPart(text: Variant, at: number, edit: (part: Segment) => Segment): Variant {
  return {
    ...text,
    segments: text.segments.map((part, index) => (index === at ? edit(part) : part)),
  };
}

/** A new part after `at`, empty or with what stood behind the caret. */
export function addPart(text: Variant, at: number, caret?: number): Variant {
  const here = text.segments[at] ?? emptySegment();
  const cut = caret === undefined ? here.text.length : caret;
  return {
    ...text,
    segments: [
      ...text.segments.slice(0, at),
      { ...here, text: caret === undefined ? here.text : here.text.slice(0, cut).trimEnd() },
      { text: here.text.slice(cut).trimStart(), media: [] },
      ...text.segments.slice(at + 1),
    ],
  };
}

/** Takes a part away; its pictures go to the part before it, so that none is lost. */
export function removePart(text: Variant, at: number): Variant {
  const gone = text.segments[at];
  if (!gone || text.segments.length < 2) return text;
  const heir = at === 0 ? 1 : at - 1;
  return {
    ...text,
    segments: text.segments
      .map((part, index) =>
        index === heir ? { ...part, media: [...part.media, ...gone.media] } : part,
      )
      .filter((_, index) => index !== at),
  };
}

/** Moves something in a list. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [item] = next.splice(from, 1);
  if (item !== undefined) next.splice(Math.max(0, Math.min(to, next.length)), 0, item);
  return next;
}

/** The parts of a thread; pictures stay with the first part. */
export function intoParts(text: Variant, parts: readonly string[]): Variant {
  const media = text.segments.flatMap((part) => part.media);
  return {
    ...text,
    segments: parts.map((part, at) => ({ text: part, media: at === 0 ? media : [] })),
  };
}

/** One text of all parts, with all their pictures. */
export function intoOne(text: Variant): Variant {
  return {
    ...text,
    segments: [
      {
        text: text.segments
          .map((part) => part.text.trim())
          .filter(Boolean)
          .join("\n\n"),
        media: text.segments.flatMap((part) => part.media),
      },
    ],
  };
}

/** Every use of a picture whose description was the same gets the new one. */
export function describePicture(body: Body, asset: string, was: string, alt: string): Body {
  const use = (media: MediaUse): MediaUse =>
    media.asset === asset && (media.alt ?? "") === was ? { ...media, alt } : media;
  const text = (variant: Variant): Variant => ({
    ...variant,
    segments: variant.segments.map((part) => ({ ...part, media: part.media.map(use) })),
  });
  return {
    ...body,
    shared: text(body.shared),
    variants: Object.fromEntries(
      Object.entries(body.variants).map(([key, variant]) => [key, text(variant)]),
    ),
  };
}

/** All pictures of all texts, once each. */
export function picturesOf(body: Body): string[] {
  const all = [body.shared, ...Object.values(body.variants)].flatMap((text) =>
    text.segments.flatMap((part) => part.media.map((media) => media.asset)),
  );
  return [...new Set(all)].sort();
}

/** All that was prepared, targets first. */
export function viewsOf(prepared: Prepared | undefined, body: Body | undefined): View[] {
  const views: View[] = prepared ? [...prepared.targets, ...prepared.counted] : [];
  if (!body || !saysNothing(body)) return views;
  // Who has not begun to write has nothing to fix yet.
  return views.map((view) => ({
    ...view,
    issues: view.issues.filter((issue) => issue.code !== "segment_empty"),
  }));
}

/** What the text of a tab becomes. The shared text: everywhere where it is used. */
export function viewsOfTab(tab: Tab, views: readonly View[]): View[] {
  if (tab.key === "shared") return views.filter((view) => !view.own_text);
  return views.filter((view) =>
    view.identity === undefined
      ? tab.counted && view.network === tab.network
      : tab.identities.includes(view.identity),
  );
}

/** The view with the least room left in a part; without a limit none is tight. */
export function tightest(views: readonly View[], part: number): View | undefined {
  const room = (view: View) => {
    const count = view.counts[part];
    return count?.limit === undefined ? Number.POSITIVE_INFINITY : count.limit - count.length;
  };
  return [...views].sort((a, b) => room(a) - room(b))[0];
}

/** Whether two bodies say the same. */
export function sameBody(a: Body, b: Body): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => {
    if (inner === "" && (key === "title" || key === "alt")) return undefined;
    if (inner && typeof inner === "object" && !Array.isArray(inner)) {
      return Object.fromEntries(
        Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)),
      );
    }
    return inner;
  });
}
