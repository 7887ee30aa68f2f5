import { useQuery } from "@tanstack/react-query";
import type { CardPreview } from "@/bindings";
import { useCore } from "@/data";
import type { ProblemError } from "@/platform";
import { useSettled } from "@/shared/use-settled";

/** An address is asked once the typing has left it alone for so long. */
const TYPED_MS = 900;

/** The page behind a link, as its card will be frozen; asked once per address. */
export function useCard(url: string | undefined) {
  const core = useCore();
  const asked = useSettled(url, TYPED_MS);
  return useQuery<CardPreview, ProblemError>({
    queryKey: ["card", asked],
    queryFn: async ({ signal }) =>
      (await core.act({ type: "fetch_card", url: asked ?? "" }, { signal })) as CardPreview,
    enabled: asked !== undefined && asked === url,
    staleTime: 10 * 60_000,
    retry: false,
  });
}
