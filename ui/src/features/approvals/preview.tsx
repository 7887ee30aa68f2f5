import { useTranslation } from "react-i18next";
import type { Account, PersonaRef, PreparedTarget } from "@/bindings";
import { NetworkTile, networkName } from "@/shared";
import { PreparedPost } from "../compose/previews/prepared";
import { useHighlights } from "../notes";

/** What one account will show, as its network draws it, with nothing folded. */
export function PostPreview({
  target,
  account,
  persona,
}: {
  target: PreparedTarget;
  account: Account | undefined;
  persona: PersonaRef;
}) {
  const { t } = useTranslation();
  const network = networkName(target.network, t("network.site"));
  const noted = useHighlights(target.identity, target.network);
  return (
    <article
      aria-label={t("approvals.preview_of", { network })}
      className="w-full max-w-[420px] rounded-card border border-line bg-surface p-4"
    >
      <p className="mb-2.5 flex items-center gap-2 text-meta text-text-3">
        <NetworkTile network={target.network} name={network} />
        {network}
      </p>
      <PreparedPost
        target={target}
        poster={{
          name: account?.display_name || account?.handle || persona.name,
          handle: account?.handle ?? "",
          hue: persona.hue,
        }}
        title={target.title ?? ""}
        open
        noted={noted}
      />
    </article>
  );
}
