import type { ContentDetail } from "@/bindings";

/** What saving and submitting means for a post that is out. */
export interface Updates {
  /** Deliveries that become the new version. */
  deliveries: string[];
  /** Their networks, and those on which the post stays as it is. */
  networks: string[];
  stay: string[];
  /** An account is chosen to which it never went. */
  elsewhere: boolean;
  /** The newest version is out everywhere that can be updated. */
  current: boolean;
}

/** Absent while the post is not out. */
export function updatesOf(
  detail: ContentDetail | undefined,
  targets: readonly string[],
): Updates | undefined {
  if (detail?.row.status !== "published") return undefined;
  const out = detail.deliveries.filter(({ target }) => target.status === "published");
  const chosen = out.filter(({ target }) => targets.includes(target.identity));
  const able = chosen.filter(({ update }) => update !== undefined);
  return {
    deliveries: able.map(({ target }) => target.delivery),
    networks: able.map(({ target }) => target.network),
    stay: out.filter((one) => !able.includes(one)).map(({ target }) => target.network),
    elsewhere: targets.some((id) => !out.some(({ target }) => target.identity === id)),
    current: able.every(({ n }) => n >= detail.row.n),
  };
}
