import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContentDetail, DeliveryDetail } from "@/bindings";
import { useAnswer } from "@/data";
import { AskDialog, Button, clock, Field, machineZone, networkName, shortDay } from "@/shared";
import { useGo } from "@/shell";
import { PickTime } from "./pick-time";
import { Say } from "./say";
import { hasUpdateNews, UpdateNews } from "./update";
import type { Verbs } from "./verbs";

interface NeededProps {
  detail: ContentDetail;
  delivery: DeliveryDetail;
  verbs: Verbs;
}

/** What happened, what it means, and the ways on, under the delivery that needs a person. */
export function Needed({ columns, ...props }: NeededProps & { columns: number }) {
  const { target } = props.delivery;
  const Part = parts[target.status];
  if (!Part || isQuiet(props.delivery)) return null;
  return (
    <tr>
      <td colSpan={columns} className="pt-0 pr-3 pb-3 pl-[34px]">
        <Part {...props} />
      </td>
    </tr>
  );
}

/** Whether there is nothing to say beside its status. */
function isQuiet(delivery: DeliveryDetail): boolean {
  const { target, words, retry_at } = delivery;
  if (target.status === "published") return !words && !hasUpdateNews(delivery);
  return target.status === "planned" && !words && !retry_at;
}

/** "Did this go out?" Nothing is sent until somebody answers. */
function Unconfirmed({ delivery, verbs }: NeededProps) {
  const { t } = useTranslation();
  const { target } = delivery;
  const network = networkName(target.network, t("network.site"));
  const [asking, setAsking] = useState(false);
  const [live, setLive] = useState(false);
  const [url, setUrl] = useState("");
  const id = target.delivery;
  return (
    <>
      <Say
        title={t("content.unconfirmed", { network })}
        words={
          <>
            {delivery.words ? `“${delivery.words}” ` : ""}
            {t("content.unconfirmed_more")}
          </>
        }
      >
        {live ? (
          <form
            className="flex w-full max-w-[520px] items-end gap-2"
            onSubmit={(event) => {
              event.preventDefault();
              const link = url.trim();
              verbs.answer(id, { type: "it_is_live", ...(link ? { url: link } : {}) });
            }}
          >
            <Field
              label={t("content.live_url")}
              placeholder="https://"
              type="url"
              value={url}
              onText={setUrl}
              autoFocus
              boxClassName="flex-1"
            />
            <Button kind="primary" submit>
              {t("unconfirmed.it_is_live")}
            </Button>
            <Button kind="ghost" onClick={() => setLive(false)}>
              {t("common.cancel")}
            </Button>
          </form>
        ) : (
          <>
            <Button kind="primary" size="row" onClick={() => setLive(true)}>
              {t("unconfirmed.it_is_live")}
            </Button>
            <Button size="row" onClick={() => verbs.answer(id, { type: "look_again" })}>
              {t("content.look_again")}
            </Button>
            <Button size="row" onClick={() => setAsking(true)}>
              {t("unconfirmed.send_again")}
            </Button>
            <Button size="row" kind="ghost" onClick={() => verbs.answer(id, { type: "drop" })}>
              {t("unconfirmed.drop")}
            </Button>
          </>
        )}
      </Say>
      <AskDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t("unconfirmed.ask_title", { network })}
        body={t("unconfirmed.ask_body", { network })}
        safe={t("unconfirmed.look_again")}
        onSafe={() => verbs.answer(id, { type: "look_again" })}
        other={t("unconfirmed.send_again")}
        onOther={() => verbs.answer(id, { type: "send_again" })}
      />
    </>
  );
}

/** Send now, next slot, another time. */
function Late({ detail, delivery, verbs }: NeededProps) {
  const { t } = useTranslation();
  const { target, miss } = delivery;
  const [picking, setPicking] = useState(false);
  const persona = detail.row.persona.id;
  const slots = useAnswer({ type: "free_slots", persona, limit: 1 });
  const next = slots.data?.[0]?.planned;
  const failed = target.status === "failed";
  const network = networkName(target.network, t("network.site"));
  return (
    <>
      <Say
        title={
          failed
            ? t("content.failed", { network })
            : t(miss === "not_approved" ? "content.missed_approval" : "content.missed_late")
        }
        words={
          failed
            ? delivery.words
              ? `“${delivery.words}”`
              : t("content.failed_more")
            : t("content.missed_more", { count: delivery.grace })
        }
      >
        <Button kind="primary" size="row" onClick={() => verbs.sendNow(target.delivery)}>
          {t(failed ? "common.try_again" : "content.send_now")}
        </Button>
        {next ? (
          <Button size="row" onClick={() => verbs.move(target.delivery, target.planned, next)}>
            {t("content.next_slot", {
              day: shortDay(next.at, next.zone),
              time: clock(next.at, next.zone),
            })}
          </Button>
        ) : null}
        <Button size="row" onClick={() => setPicking(true)}>
          {t("content.pick_time")}
        </Button>
        <Button size="row" kind="ghost" onClick={() => verbs.cancel(target.delivery)}>
          {t("unconfirmed.drop")}
        </Button>
      </Say>
      <PickTime
        open={picking}
        onClose={() => setPicking(false)}
        persona={persona}
        planned={target.planned}
        onPlanned={(planned) => verbs.move(target.delivery, target.planned, planned)}
      />
    </>
  );
}

/** Somebody must mend something first. */
function Held({ detail, delivery, verbs }: NeededProps) {
  const { t } = useTranslation();
  const go = useGo();
  const { target, hold } = delivery;
  const network = networkName(target.network, t("network.site"));
  const ways: Record<string, ReactNode> = {
    account: (
      <Button
        kind="primary"
        size="row"
        onClick={() => go({ type: "account", id: target.identity })}
      >
        {t("content.hold_way.account")}
      </Button>
    ),
    folder: (
      <Button kind="primary" size="row" onClick={() => go({ type: "settings" })}>
        {t("content.hold_way.folder")}
      </Button>
    ),
    limits: (
      <Button kind="primary" size="row" onClick={() => go({ type: "edit", id: detail.row.id })}>
        {t("content.hold_way.limits")}
      </Button>
    ),
    media: (
      <Button kind="primary" size="row" onClick={() => go({ type: "edit", id: detail.row.id })}>
        {t("content.hold_way.media")}
      </Button>
    ),
  };
  if (hold === "budget") return <OverBudget detail={detail} delivery={delivery} verbs={verbs} />;
  return (
    <Say
      title={t(`content.hold.${hold ?? "account"}`, { network })}
      words={delivery.words ?? t(`content.hold_more.${hold ?? "account"}`, { network })}
    >
      {hold ? ways[hold] : null}
      <Button size="row" onClick={() => verbs.sendNow(target.delivery)}>
        {t("common.try_again")}
      </Button>
      <Button size="row" kind="ghost" onClick={() => verbs.cancel(target.delivery)}>
        {t("content.cancel")}
      </Button>
    </Say>
  );
}

/** It would pass what posts to the account may cost this month. */
function OverBudget({ delivery, verbs }: NeededProps) {
  const { t } = useTranslation();
  const go = useGo();
  const { target } = delivery;
  const network = networkName(target.network, t("network.site"));
  return (
    <Say title={t("content.hold.budget", { network })} words={t("content.hold_more.budget")}>
      <Button
        kind="primary"
        size="row"
        onClick={() => go({ type: "account", id: target.identity })}
      >
        {t("budget.raise")}
      </Button>
      <Button size="row" onClick={() => verbs.passBudget(target.delivery)}>
        {t("budget.pass")}
      </Button>
      <Button size="row" onClick={() => verbs.nextMonth(target.delivery)}>
        {t("budget.next_month")}
      </Button>
      <Button size="row" kind="ghost" onClick={() => verbs.cancel(target.delivery)}>
        {t("content.cancel")}
      </Button>
    </Say>
  );
}

/** It waits for its turn or its next try. */
function Waits({ delivery }: NeededProps) {
  const { t } = useTranslation();
  const { retry_at, words } = delivery;
  if (!retry_at && !words) return null;
  return (
    <p className="text-text-2" data-selectable>
      {words ? `“${words}” ` : ""}
      {retry_at ? t("content.retry_at", { time: clock(retry_at, machineZone()) }) : ""}
    </p>
  );
}

/** The network has it, and keeps its time. */
function HandedOff({ delivery }: NeededProps) {
  const { t } = useTranslation();
  const { recall, retry_at, words } = delivery;
  const network = networkName(delivery.target.network, t("network.site"));
  if (!recall) {
    return <p className="text-text-2">{t("content.handed_off", { network })}</p>;
  }
  return (
    <Say
      title={t(`content.recall.${recall}`, { network })}
      words={
        words ? (
          <>
            {`“${words}” `}
            {retry_at ? t("content.retry_at", { time: clock(retry_at, machineZone()) }) : ""}
          </>
        ) : (
          t("content.recall_more", { network })
        )
      }
    />
  );
}

/** It is out; perhaps otherwise than it was wished, perhaps with an update on its way. */
function Out(props: NeededProps) {
  const { words } = props.delivery;
  return (
    <>
      {words ? (
        <p className="text-warn-fg" data-selectable>
          {words}
        </p>
      ) : null}
      {hasUpdateNews(props.delivery) ? <UpdateNews {...props} /> : null}
    </>
  );
}

function Gone({ delivery }: NeededProps) {
  const { t } = useTranslation();
  const network = networkName(delivery.target.network, t("network.site"));
  return <p className="text-text-2">{t("content.gone", { network })}</p>;
}

const parts: Partial<
  Record<DeliveryDetail["target"]["status"], (props: NeededProps) => ReactNode>
> = {
  unconfirmed: Unconfirmed,
  missed: Late,
  failed: Late,
  held: Held,
  planned: Waits,
  due: Waits,
  handed_off: HandedOff,
  published: Out,
  gone: Gone,
};
