import { clsx } from "clsx";
import { Globe } from "lucide-react";

/** Names that are the same in every language; an unknown network shows its own id. */
const networks: Record<string, { name: string; letters: string }> = {
  bluesky: { name: "Bluesky", letters: "Bs" },
  mastodon: { name: "Mastodon", letters: "Ma" },
  x: { name: "X", letters: "X" },
  linkedin: { name: "LinkedIn", letters: "in" },
  threads: { name: "Threads", letters: "Th" },
  instagram: { name: "Instagram", letters: "Ig" },
};

/** What people call the network. The local site has a word of its own in the catalog. */
export function networkName(network: string, siteWord: string): string {
  if (network === "site") return siteWord;
  return networks[network]?.name ?? network;
}

/** 18 px letters, monochrome; the full name is its accessible name. */
export function NetworkTile({
  network,
  name,
  size = 18,
  className,
}: {
  network: string;
  name: string;
  size?: number;
  className?: string;
}) {
  return (
    <span
      role="img"
      aria-label={name}
      title={name}
      className={clsx(
        "inline-flex shrink-0 items-center justify-center rounded-key bg-hover font-strong text-text-2",
        className,
      )}
      style={{ width: size, height: size, fontSize: size * 0.53, lineHeight: 1 }}
    >
      {network === "site" ? (
        <Globe size={size * 0.67} strokeWidth={1.75} aria-hidden />
      ) : (
        (networks[network]?.letters ?? network.slice(0, 2))
      )}
    </span>
  );
}

/** The networks of a content side by side. */
export function NetworkTiles({
  networks: ids,
  siteWord,
  className,
}: {
  networks: readonly string[];
  siteWord: string;
  className?: string;
}) {
  return (
    <span className={clsx("inline-flex shrink-0 gap-[3px]", className)}>
      {ids.map((id) => (
        <NetworkTile key={id} network={id} name={networkName(id, siteWord)} />
      ))}
    </span>
  );
}
