import { Link2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MadeReviewLink, RequestDetail, ReviewLinkView } from "@/bindings";
import { useAct, useAnswer, useCore, useIsMirror } from "@/data";
import {
  Button,
  Dialog,
  Field,
  Heading,
  machineZone,
  mediumDay,
  Select,
  Switch,
  say,
} from "@/shared";
import { sayProblem } from "@/shell/problem";
import { askedStage } from "./decide";

const DAYS = [1, 3, 7, 14];

/** Whether the organization shown is one of a server: a link leads there. */
function useAtServer(): boolean {
  const { door } = useCore();
  return useIsMirror() || door !== undefined;
}

/** Links for people from outside: those that there are, and a new one. */
export function Outside({ request }: { request: RequestDetail }) {
  const { t } = useTranslation();
  const atServer = useAtServer();
  const links = useAnswer({ type: "review_links", request: request.id }, { enabled: atServer });
  const [making, setMaking] = useState(false);
  if (!atServer || (request.status !== "open" && !links.data?.length)) return null;
  return (
    <section aria-labelledby="outside-heading" className="mt-5 border-t border-line pt-4">
      <Heading id="outside-heading" className="mb-1.5">
        {t("outside.title")}
      </Heading>
      <ul className="flex flex-col gap-2">
        {links.data?.map((link) => (
          <One key={link.id} link={link} />
        ))}
      </ul>
      {request.status === "open" ? (
        <Button
          size="row"
          className="mt-2 max-md:h-11"
          icon={<Link2 size={13} strokeWidth={2} aria-hidden />}
          onClick={() => setMaking(true)}
        >
          {t("outside.make")}
        </Button>
      ) : null}
      {making ? <Make request={request} onClose={() => setMaking(false)} /> : null}
    </section>
  );
}

function One({ link }: { link: ReviewLinkView }) {
  const { t } = useTranslation();
  const withdraw = useAct<"withdraw_review_link">();
  const day = (at: string) => mediumDay(at, machineZone());
  return (
    <li className="text-meta text-text-2">
      <p>
        <bdi className="text-text">{link.name}</bdi>{" "}
        {t(link.decides ? "outside.may_decide" : "outside.may_look")}
      </p>
      <p className="text-text-3">
        {link.works ? t("outside.until", { day: day(link.ends_at) }) : t("outside.over")}{" "}
        {link.seen_at ? t("outside.seen", { day: day(link.seen_at) }) : t("outside.unseen")}
      </p>
      {link.removable ? (
        <Button
          size="row"
          className="mt-1 max-md:h-11"
          busy={withdraw.isPending}
          onClick={() =>
            withdraw.mutate(
              { act: { type: "withdraw_review_link", id: link.id } },
              { onError: (error) => sayProblem(error) },
            )
          }
        >
          {t("outside.withdraw")}
        </Button>
      ) : null}
    </li>
  );
}

function Make({ request, onClose }: { request: RequestDetail; onClose: () => void }) {
  const { t } = useTranslation();
  const { door } = useCore();
  const make = useAct<"make_review_link">();
  const [name, setName] = useState("");
  const [days, setDays] = useState("3");
  const [decides, setDecides] = useState(false);
  const [made, setMade] = useState<string>();
  const may = request.mine && !request.away && askedStage(request)?.outside === true;
  const addressOf = (link: MadeReviewLink) =>
    link.address ?? (door ? `${window.location.origin}/#/review/${link.token}` : link.token);
  const send = () =>
    make.mutate(
      {
        act: {
          type: "make_review_link",
          request: request.id,
          name: name.trim(),
          days: Number(days),
          decides: decides && may,
        },
      },
      { onSuccess: (link) => setMade(addressOf(link)), onError: (error) => sayProblem(error) },
    );
  const copy = async () => {
    if (!made) return;
    try {
      await navigator.clipboard.writeText(made);
      say({ text: t("invite.copied"), tone: "ok", glyph: "ring-check" });
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("outside.make")}
      foot={
        made ? (
          <>
            <Button onClick={onClose}>{t("common.close")}</Button>
            <Button kind="primary" onClick={() => void copy()}>
              {t("invite.copy")}
            </Button>
          </>
        ) : (
          <>
            <Button onClick={onClose}>{t("common.cancel")}</Button>
            <Button
              kind="primary"
              busy={make.isPending}
              off={name.trim() === "" ? t("outside.name_first") : false}
              onClick={send}
            >
              {t("outside.go")}
            </Button>
          </>
        )
      }
    >
      {made ? (
        <>
          <Field label={t("invite.link")} readOnly value={made} onText={() => {}} />
          <p className="mt-1 text-meta text-text-3">{t("outside.once")}</p>
        </>
      ) : (
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() !== "" && !make.isPending) send();
          }}
        >
          <p className="text-meta text-text-2">{t("outside.lead", { n: request.n })}</p>
          <Field
            label={t("outside.name")}
            value={name}
            onText={setName}
            maxLength={120}
            data-autofocus
          />
          <Select
            label={t("outside.days")}
            value={days}
            onChange={setDays}
            choices={DAYS.map((count) => ({
              value: String(count),
              label: t("outside.days_of", { count }),
            }))}
          />
          <div className="flex items-start gap-3">
            <span className="flex-1">
              {t("outside.decides")}
              <span className="block text-meta text-text-3">
                {t(may ? "outside.decides_hint" : "outside.decides_off")}
              </span>
            </span>
            <Switch
              label={t("outside.decides")}
              on={decides && may}
              onChange={(on) => may && setDecides(on)}
            />
          </div>
        </form>
      )}
    </Dialog>
  );
}
