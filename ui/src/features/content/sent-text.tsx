import { useTranslation } from "react-i18next";
import type { ContentDetail, DeliveryDetail } from "@/bindings";
import { useAnswer } from "@/data";
import { clock, Heading, machineZone, networkName, SkeletonRows, shortDay } from "@/shared";
import { ProblemState } from "@/shell";
import { PreparedPost } from "../compose/previews/prepared";

/** What the network got, or will get: the text and pictures of the delivery's own version. */
export function SentText({
  detail,
  delivery,
}: {
  detail: ContentDetail;
  delivery: DeliveryDetail | undefined;
}) {
  const { t } = useTranslation();
  const n = delivery?.n ?? detail.row.n;
  const here = detail.version?.row.n === n ? detail.version : undefined;
  const asked = useAnswer(
    { type: "version", content: detail.row.id, n },
    { enabled: here === undefined && n > 0 },
  );
  const version = here ?? asked.data;
  if (!delivery) return null;
  const { target } = delivery;
  const name = networkName(target.network, t("network.site"));
  const sent = ["published", "deleted", "gone"].includes(target.status);
  const tried = ["unconfirmed", "sending", "failed"].includes(target.status);
  const when = delivery.publications[0]?.at;
  const text = version?.doc.targets.find((one) => one.identity === target.identity);
  return (
    <section aria-labelledby="content-text">
      <Heading id="content-text" className="mb-2" fact={t("content.version", { n })}>
        {t(sent ? "content.as_sent" : tried ? "content.as_tried" : "content.as_planned", {
          network: name,
        })}
      </Heading>
      {asked.error ? (
        <ProblemState error={asked.error} onAgain={() => void asked.refetch()} />
      ) : !version ? (
        <SkeletonRows rows={3} label={t("common.reading")} />
      ) : text ? (
        <div className="max-w-[520px] rounded-card border border-line bg-surface p-4">
          <PreparedPost
            target={text}
            poster={{
              name: detail.row.persona.name,
              handle: target.handle,
              hue: detail.row.persona.hue,
              when: when
                ? `${shortDay(when, machineZone())}, ${clock(when, machineZone())}`
                : undefined,
            }}
            title={text.title ?? version.doc.body.title ?? ""}
          />
        </div>
      ) : (
        <p className="text-text-3">{t("content.not_in_version", { network: name, n })}</p>
      )}
    </section>
  );
}
