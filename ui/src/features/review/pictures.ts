import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import type { VersionDoc } from "@/bindings";
import type { Door, Transport } from "@/platform";

/** The pictures that the previews of a version draw. */
export function picturesIn(doc: VersionDoc): string[] {
  const segments = doc.targets.flatMap((target) => target.segments);
  const media = segments.flatMap((segment) => segment.media.map((one) => one.rendition.hash));
  const cards = segments.flatMap((segment) =>
    segment.card?.image ? [segment.card.image.hash] : [],
  );
  return [...new Set([...media, ...cards])];
}

/**
 * The transport with the pictures of a link in the place of the library's: a link is shown in the
 * body of each request, which no address of a picture has. Nothing while they are on their way.
 */
export function useShown(
  core: Transport,
  door: Door,
  link: string,
  doc: VersionDoc | undefined,
): Transport | undefined {
  const wanted = useMemo(() => (doc ? picturesIn(doc) : []), [doc]);
  const brought = useQuery({
    queryKey: ["review", "pictures", link, wanted],
    queryFn: async () => {
      const all = await Promise.all(
        wanted.map(async (hash) => {
          // One that is missing leaves its place empty; the words are there all the same.
          const blob = await door.reviewPicture(link, hash).catch(() => undefined);
          return [hash, blob ? URL.createObjectURL(blob) : ""] as const;
        }),
      );
      return new Map(all);
    },
    enabled: doc !== undefined,
    retry: false,
    gcTime: 0,
  });
  const urls = brought.data;
  useEffect(
    () => () => {
      for (const url of urls?.values() ?? []) if (url) URL.revokeObjectURL(url);
    },
    [urls],
  );
  return useMemo(
    () =>
      urls
        ? (Object.create(core, {
            mediaUrl: { value: (hash: string) => urls.get(hash) ?? "" },
          }) as Transport)
        : undefined,
    [core, urls],
  );
}
