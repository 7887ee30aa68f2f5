import { useTranslation } from "react-i18next";
import { Heading } from "@/shared";
import { useNames } from "@/shared/named";
import type { Updates } from "../updates";
import { useComposer } from "../use-composer";

/** What saving means for a post that is out, in the place of its time. */
export function UpdatePart({ updates }: { updates: Updates }) {
  const { t } = useTranslation();
  const names = useNames();
  const { detail, nameOf } = useComposer();
  const row = (networks: readonly string[]) => ({
    networks: names([...new Set(networks)].map(nameOf), "conjunction"),
  });
  const out = detail?.deliveries.find(({ target }) => target.status === "published");
  return (
    <section aria-labelledby="compose-update">
      <Heading id="compose-update" className="mb-1.5">
        {t("compose.update_title")}
      </Heading>
      <p className="text-text-2">{t("compose.update_more", { n: out?.n ?? 0 })}</p>
      <ul className="mt-2 text-meta text-text-2">
        {updates.networks.length > 0 ? (
          <li>{t("compose.update_where", row(updates.networks))}</li>
        ) : null}
        {updates.stay.length > 0 ? <li>{t("compose.update_stays", row(updates.stay))}</li> : null}
      </ul>
    </section>
  );
}
