import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DelegationView } from "@/bindings";
import { useAnswer, useChange } from "@/data";
import { Button, clock, Field, machineZone, mediumDay, Select, say } from "@/shared";
import { sayProblem } from "@/shell";
import { Block, Line } from "./line";

const DAY = 86_400_000;

/** The beginning of a day so many days on, as a field for dates writes it. */
function dayFrom(now: number, days: number): string {
  const day = new Date(now + days * DAY);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** Midnight of a day on this machine's wall; `after` days later. */
function midnight(day: string, after = 0): string | undefined {
  const [year, month, date] = day.split("-").map(Number);
  if (!year || !month || !date) return undefined;
  return new Date(year, month - 1, date + after).toISOString();
}

/** Who decides while the person is away, and for whom the person does. */
export function AwayPart() {
  const { t } = useTranslation();
  const answer = useAnswer({ type: "delegations" });
  if (!answer.data) return null;
  const { mine, for_others, able } = answer.data;
  return (
    <>
      <Block title={t("settings.part.away")}>
        {mine ? (
          <Mine mine={mine} />
        ) : able.length > 0 ? (
          <Begin able={able} />
        ) : (
          <p className="py-3 text-text-2">{t("away.nobody")}</p>
        )}
      </Block>
      {for_others.length > 0 ? (
        <Block title={t("away.for_others")}>
          {for_others.map((one) => (
            <Line key={one.person.id} title={one.person.name} hint={<When of={one} />}>
              {null}
            </Line>
          ))}
        </Block>
      ) : null}
    </>
  );
}

function When({ of }: { of: DelegationView }) {
  const { t } = useTranslation();
  const zone = machineZone();
  const moment = (at: string) => `${mediumDay(at, zone)}, ${clock(at, zone)}`;
  return <>{t("away.when", { from: moment(of.from), until: moment(of.until) })}</>;
}

function Mine({ mine }: { mine: DelegationView }) {
  const { t } = useTranslation();
  const change = useChange();
  const end = () =>
    change.mutate(
      { mutation: { type: "delegate" } },
      { onError: (error) => sayProblem(error, end) },
    );
  return (
    <Line title={t("away.decides", { name: mine.to.name })} hint={<When of={mine} />}>
      <Button busy={change.isPending} onClick={end}>
        {t("away.end")}
      </Button>
    </Line>
  );
}

function Begin({ able }: { able: readonly { id: string; name: string }[] }) {
  const { t } = useTranslation();
  const change = useChange();
  const [to, setTo] = useState(able[0]?.id ?? "");
  const [from, setFrom] = useState(() => dayFrom(Date.now(), 0));
  const [last, setLast] = useState(() => dayFrom(Date.now(), 13));
  const begins = midnight(from);
  // The last day is one of those away.
  const ends = midnight(last, 1);
  const send = () => {
    if (!begins || !ends) return;
    change.mutate(
      { mutation: { type: "delegate", delegation: { to, from: begins, until: ends } } },
      {
        onSuccess: () => say({ text: t("away.said"), glyph: "ring-check", tone: "ok" }),
        onError: (error) => sayProblem(error, send),
      },
    );
  };
  return (
    <form
      className="flex flex-col gap-3 py-3"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <p className="text-meta text-text-2">{t("away.lead")}</p>
      <div className="flex flex-wrap items-end gap-3">
        <span className="w-52">
          <Select
            label={t("away.who")}
            value={to}
            onChange={setTo}
            choices={able.map((one) => ({ value: one.id, label: one.name }))}
          />
        </span>
        <Field
          type="date"
          label={t("away.from")}
          value={from}
          onText={setFrom}
          boxClassName="w-40"
        />
        <Field
          type="date"
          label={t("away.last")}
          value={last}
          onText={setLast}
          boxClassName="w-40"
        />
        <Button
          submit
          busy={change.isPending}
          off={!begins || !ends || ends <= begins ? t("away.no_time") : false}
          onClick={() => {}}
        >
          {t("away.go")}
        </Button>
      </div>
    </form>
  );
}
