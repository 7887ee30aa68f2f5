import { clsx } from "clsx";
import { useTranslation } from "react-i18next";
import type { Today, WeekNumber } from "@/bindings";
import { FreshIdeas } from "@/features/ideas/fresh";
import { figure, Heading, NetworkTile, networkName } from "@/shared";
import { useGo } from "@/shell";
import { FirstSteps } from "./steps";

/** The last seven days, and how the accounts are. */
export function Aside({ today }: { today: Today }) {
  const { t } = useTranslation();
  const go = useGo();
  return (
    <>
      {today.week.length > 0 ? (
        <section className="mb-6">
          <Heading className="pb-1.5">{t("today.week")}</Heading>
          <table className="w-full">
            <tbody>
              {today.week.map((number) => (
                <tr key={number.name} className="h-6">
                  <th scope="row" className="text-left font-normal text-text-2">
                    {t(`week.${number.name as WeekName}`)}
                  </th>
                  <td className="tnum w-16 font-strong">{<Value number={number} />}</td>
                  <td className="tnum w-10 text-right text-text-3">{difference(number)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : null}
      <FreshIdeas />
      <FirstSteps />
      {today.accounts.length > 0 ? (
        <section>
          <Heading className="pb-1.5">{t("today.accounts")}</Heading>
          <ul>
            {today.accounts.map((account) => {
              const name = networkName(account.network, t("network.site"));
              const well = account.status === "connected" && !account.trouble;
              return (
                <li key={account.id}>
                  <button
                    type="button"
                    onClick={() => go({ type: "account", id: account.id })}
                    className="flex h-6 w-full items-center gap-2 rounded-key text-left hover:bg-hover"
                  >
                    <NetworkTile network={account.network} name={name} />
                    <span className="ellipsis flex-1" title={account.handle}>
                      {name}
                      <span className="ml-1.5 text-meta text-text-3">{account.handle}</span>
                    </span>
                    <span
                      className={clsx(
                        "shrink-0 text-meta",
                        well ? "text-text-3" : "font-medium text-warn-fg",
                      )}
                    >
                      {account.status === "connected" && account.trouble
                        ? t("account.trouble")
                        : t(`account.${account.status}`)}
                    </span>
                  </button>
                </li>
              );
            })}
          </ul>
        </section>
      ) : null}
    </>
  );
}

type WeekName =
  | "published"
  | "approved_in_a_day"
  | "late_or_missed"
  | "likes"
  | "replies"
  | "reposts";

/** A dash where there is no number; never 0 for what is not known. */
function Value({ number: { value, of } }: { number: WeekNumber }) {
  const { t } = useTranslation();
  if (value === undefined) return "–";
  return of === undefined
    ? figure(value)
    : t("common.of", { value: figure(value), of: figure(of) });
}

function difference({ value: now, before }: WeekNumber): string {
  if (now === undefined || before === undefined || now === before) return "";
  return now > before ? `+${figure(now - before)}` : `−${figure(before - now)}`;
}
