import type { PreparedMedia, PreparedTarget, VersionDoc } from "@/bindings";
import { wordDiff } from "@/shared/word-diff";

/** What one account gets, and how it differs from what was approved before. */
export interface TargetText {
  identity: string;
  network: string;
  /** It has a text of its own, by account or by network. */
  own: boolean;
  target: PreparedTarget;
  before: PreparedTarget | undefined;
  /** All its words, segments apart. */
  text: string;
  was: string;
  added: number;
  removed: number;
}

export function textOf(target: PreparedTarget | undefined): string {
  return target?.segments.map((segment) => segment.text).join("\n\n") ?? "";
}

/** Whether the body has a variant of its own for the account or its network. */
export function hasOwnText(doc: VersionDoc, identity: string, network: string): boolean {
  const { variants } = doc.body;
  return `identity:${identity}` in variants || `network:${network}` in variants;
}

/** Every target with its comparison; those with the shared text first. */
export function textsOf(doc: VersionDoc, before: VersionDoc | undefined): TargetText[] {
  const texts = doc.targets.map((target): TargetText => {
    const { identity, network } = target;
    const old = before?.targets.find((one) => one.identity === identity);
    const text = textOf(target);
    const was = textOf(old);
    const { added, removed } = old ? wordDiff(was, text) : { added: 0, removed: 0 };
    const own = hasOwnText(doc, identity, network);
    return { identity, network, own, target, before: old, text, was, added, removed };
  });
  return [...texts.filter((one) => !one.own), ...texts.filter((one) => one.own)];
}

export interface PictureChange {
  media: PreparedMedia;
  /** `same` file and same alternative text, `alt` when only the words changed. */
  change: "same" | "alt" | "new" | "none";
}

/** Pictures of a target; `none` when there is nothing to compare with. */
export function picturesOf(
  target: PreparedTarget | undefined,
  before: PreparedTarget | undefined,
): PictureChange[] {
  const all = target?.segments.flatMap((segment) => segment.media) ?? [];
  const old = before?.segments.flatMap((segment) => segment.media);
  return all.map((media) => {
    if (!old) return { media, change: "none" };
    const same = old.find((one) => one.rendition.asset === media.rendition.asset);
    if (!same) return { media, change: "new" };
    return { media, change: same.alt === media.alt ? "same" : "alt" };
  });
}

/** Pictures that were approved and are gone now. */
export function picturesGone(
  target: PreparedTarget | undefined,
  before: PreparedTarget | undefined,
): PreparedMedia[] {
  const now = new Set(
    target?.segments.flatMap((segment) => segment.media.map((media) => media.rendition.asset)),
  );
  return (
    before?.segments
      .flatMap((segment) => segment.media)
      .filter((media) => !now.has(media.rendition.asset)) ?? []
  );
}
