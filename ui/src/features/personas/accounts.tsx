import { clsx } from "clsx";
import type { TFunction } from "i18next";
import { Cloud, Ellipsis, KeyRound, Monitor } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account, Limits } from "@/bindings";
import { useAct, useAnswer, useChange, useIsMirror } from "@/data";
import { AtServer } from "@/features/organizations/at-server";
import {
  AskDialog,
  Button,
  Chip,
  EmptyState,
  figure,
  IconButton,
  Menu,
  NetworkTile,
  networkName,
  Popover,
  say,
} from "@/shared";
import { money } from "@/shared/money";
import { clock, dayKey, machineZone, tinyDay } from "@/shared/time";
import { useNow } from "@/shared/use-now";
import { sayProblem } from "@/shell/problem";
import { BudgetSheet, Spent } from "./budget";
import { healthLook, healthOf } from "./health";

const columns =
  "grid grid-cols-[28px_minmax(140px,1.3fr)_150px_104px_minmax(140px,1.4fr)_124px] items-center gap-x-3 px-6 max-xl:grid-cols-[28px_minmax(120px,1fr)_140px_minmax(120px,1.2fr)_124px] max-md:grid-cols-[28px_minmax(96px,1fr)_132px_28px] max-sm:px-4";

/** How long before its end a sign-in is shown to end: as long as the core tells it ahead. */
const AHEAD = 3 * 24 * 60 * 60_000;

/** Accounts and their health, 46 px each; what holds posts stands out and carries its way on. */
export function AccountsTable({
  accounts,
  focused,
  onConnect,
  onReconnect,
}: {
  accounts: readonly Account[];
  focused: string | undefined;
  onConnect: () => void;
  onReconnect: (account: Account) => void;
}) {
  const { t } = useTranslation();
  const isMirror = useIsMirror();
  const check = useAct<"check_account">();
  const checkAll = async () => {
    const asked = accounts.filter((one) => one.status !== "disconnected");
    const answers = await Promise.allSettled(
      asked.map((one) => check.mutateAsync({ act: { type: "check_account", id: one.id } })),
    );
    const failed = answers.filter((one) => one.status === "rejected").length;
    say(
      failed === 0
        ? {
            text: t("accounts.all_checked", { count: asked.length }),
            tone: "ok",
            glyph: "ring-check",
          }
        : { text: t("accounts.some_failed", { count: failed }), tone: "warn", glyph: "half-disc" },
    );
  };
  if (accounts.length === 0 && isMirror) return <AtServer words={t("desk.accounts_there")} />;
  if (accounts.length === 0) {
    return (
      <EmptyState
        title={t("accounts.none")}
        body={t("accounts.none_body")}
        actions={
          <Button kind="primary" onClick={onConnect}>
            {t("accounts.connect")}
          </Button>
        }
      />
    );
  }
  const newest = accounts
    .map((one) => one.checked_at)
    .filter((at): at is string => at !== undefined)
    .sort()
    .at(-1);
  return (
    <section aria-label={t("accounts.title")}>
      <div
        className={clsx(columns, "h-8 border-b border-line bg-inset text-meta text-text-2")}
        aria-hidden
      >
        <span />
        <span>{t("accounts.column.account")}</span>
        <span>{t("accounts.column.state")}</span>
        <span className="max-xl:hidden">{t("accounts.column.sent_from")}</span>
        <span className="max-md:hidden">{t("accounts.column.limits")}</span>
        <span />
      </div>
      <ul>
        {accounts.map((account) => (
          <AccountRow
            key={account.id}
            account={account}
            focused={account.id === focused}
            onReconnect={onReconnect}
          />
        ))}
      </ul>
      {isMirror ? <AtServer words={t("desk.accounts_there")} /> : null}
      <div
        className={clsx(
          "flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-6 py-2.5 text-meta text-text-2 max-sm:px-4",
          isMirror && "hidden",
        )}
      >
        <KeyRound size={13} strokeWidth={1.75} aria-hidden />
        <span className="min-w-0 flex-1 basis-60">{t("accounts.kept")}</span>
        {newest ? (
          <span className="tnum text-text-3">
            {t("accounts.checked", { time: clock(newest, machineZone()) })}
          </span>
        ) : null}
        <button
          type="button"
          onClick={() => void checkAll()}
          disabled={check.isPending}
          className="font-medium text-accent-text hover:underline disabled:opacity-50"
        >
          {t("accounts.check_all")}
        </button>
      </div>
    </section>
  );
}

function AccountRow({
  account,
  focused,
  onReconnect,
}: {
  account: Account;
  focused: boolean;
  onReconnect: (account: Account) => void;
}) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const check = useAct<"check_account">();
  const change = useChange();
  const leave = useAct<"disconnect">();
  const [asking, setAsking] = useState(false);
  const [budgeting, setBudgeting] = useState(false);
  const health = healthOf(account);
  const { tone, glyph } = healthLook[health];
  const network = networkName(account.network, t("network.site"));
  const zone = machineZone();
  const gone = health === "disconnected";
  // A sign-in that cannot be renewed is renewed by hand before it ends.
  const ends = account.status === "connected" ? account.sign_in_over : undefined;
  const over = ends && Date.parse(ends) - now < AHEAD ? ends : undefined;
  const isMirror = useIsMirror();
  const again = !isMirror && (health === "needs_reconnect" || gone || over !== undefined);
  const onCheck = () =>
    check.mutate(
      { act: { type: "check_account", id: account.id } },
      {
        onSuccess: () =>
          say({
            text: t("accounts.works", { handle: account.handle }),
            tone: "ok",
            glyph: "ring-check",
          }),
        onError: (error) => sayProblem(error, onCheck),
      },
    );
  const asked = useAnswer({ type: "networks" });
  const price = asked.data?.find((one) => one.id === account.network)?.metrics_cost;
  const reading = price ? money(price, i18n.resolvedLanguage) : undefined;
  const onMeasure = () =>
    change.mutate(
      { mutation: { type: "measure_identity", id: account.id, on: !account.measured } },
      { onError: (error) => sayProblem(error, onMeasure) },
    );
  const checked = account.checked_at
    ? dayKey(account.checked_at, zone) === dayKey(now, zone)
      ? clock(account.checked_at, zone)
      : tinyDay(account.checked_at, zone)
    : undefined;
  return (
    <li
      aria-label={`${network}, ${account.handle}`}
      className={clsx(
        columns,
        "min-h-[46px] border-b border-line py-1",
        health === "needs_reconnect" &&
          "bg-[color-mix(in_oklab,var(--warn-bg)_55%,var(--surface))]",
        focused && "bg-selected",
        gone && "text-text-3",
      )}
    >
      <NetworkTile network={account.network} name={network} size={22} />
      <div className="min-w-0">
        <p className="ellipsis font-strong" data-selectable>
          {(account.network === "site" && account.display_name) || account.handle}
        </p>
        <p className="ellipsis text-meta text-text-2">
          {network} · {limitOf(account.limits, t)}
        </p>
      </div>
      <div>
        <Chip tone={tone} glyph={glyph}>
          {t(`account.${health}`)}
        </Chip>
      </div>
      <span className="inline-flex items-center gap-1.5 text-meta text-text-2 max-xl:hidden">
        {account.executor === "desktop" ? (
          <Monitor size={14} strokeWidth={1.75} aria-hidden />
        ) : (
          <Cloud size={14} strokeWidth={1.75} aria-hidden />
        )}
        {t(`accounts.executor.${account.executor}`)}
      </span>
      <div className="min-w-0 text-meta max-md:hidden">
        {account.held > 0 ? (
          <p className="text-warn-fg">{t("accounts.held", { count: account.held })}</p>
        ) : null}
        {account.trouble ? (
          <p className={clsx("clamp-2", account.held === 0 && "text-warn-fg")}>{account.trouble}</p>
        ) : null}
        {over ? (
          <p className="text-warn-fg">{t("accounts.sign_in_over", { day: tinyDay(over, zone) })}</p>
        ) : account.held === 0 && !account.trouble ? (
          <p className="tnum text-text-2">
            {gone
              ? t("accounts.not_used")
              : checked
                ? t("accounts.answered", { time: checked })
                : t("accounts.never_checked")}
          </p>
        ) : null}
        <Spent account={account} />
      </div>
      <div className="flex items-center justify-end gap-1">
        {again ? (
          <Button
            size="row"
            kind={health === "needs_reconnect" ? "primary" : "plain"}
            className="max-md:hidden"
            onClick={() => onReconnect(account)}
          >
            {t("accounts.reconnect")}
          </Button>
        ) : null}
        <Popover
          label={t("accounts.limits")}
          align="end"
          className="w-80"
          trigger={
            <button
              type="button"
              className={clsx(
                "rounded-control px-1.5 py-1 text-meta text-accent-text hover:bg-hover max-md:hidden",
                again && "hidden",
              )}
            >
              {t("accounts.limits")}
            </button>
          }
        >
          {() => <LimitsCard limits={account.limits} />}
        </Popover>
        <Menu
          trigger={
            <IconButton
              size="row"
              label={t("accounts.more", { handle: account.handle })}
              icon={<Ellipsis size={14} strokeWidth={2} aria-hidden />}
            />
          }
          groups={[
            [
              ...(isMirror
                ? []
                : [
                    {
                      id: "check",
                      label: t("accounts.check"),
                      off: gone && t("account.disconnected"),
                      onSelect: onCheck,
                    },
                    {
                      id: "again",
                      label: t("accounts.reconnect"),
                      onSelect: () => onReconnect(account),
                    },
                  ]),
              ...(reading
                ? [
                    {
                      id: "measure",
                      label: account.measured
                        ? t("accounts.measure_off")
                        : t("accounts.measure_on", { price: reading }),
                      off: gone && t("account.disconnected"),
                      onSelect: onMeasure,
                    },
                  ]
                : []),
              ...(account.spent
                ? [
                    {
                      id: "budget",
                      label: t("budget.set"),
                      off: gone && t("account.disconnected"),
                      onSelect: () => setBudgeting(true),
                    },
                  ]
                : []),
            ],
            isMirror
              ? []
              : [
                  {
                    id: "leave",
                    label: t("accounts.disconnect"),
                    danger: true,
                    off: gone && t("account.disconnected"),
                    onSelect: () => setAsking(true),
                  },
                ],
          ]}
        />
        <BudgetSheet account={account} open={budgeting} onClose={() => setBudgeting(false)} />
        <AskDialog
          open={asking}
          onClose={() => setAsking(false)}
          title={t("accounts.disconnect_ask", { handle: account.handle })}
          body={t("accounts.disconnect_body")}
          safe={t("accounts.stay")}
          onSafe={() => {}}
          other={t("accounts.disconnect")}
          onOther={() =>
            leave.mutate(
              { act: { type: "disconnect", id: account.id } },
              { onError: (error) => sayProblem(error) },
            )
          }
          danger
        />
      </div>
    </li>
  );
}

/** The limit that matters most, in a few words. */
export function limitOf(limits: Limits, t: TFunction): string {
  const { max, unit } = limits.text;
  return max === undefined
    ? t("accounts.no_limit")
    : t(
        unit === "weighted"
          ? "accounts.limit_weighted"
          : unit === "bytes"
            ? "accounts.limit_bytes"
            : "accounts.limit_characters",
        { n: figure(max) },
      );
}

/** Every number with where it is written and when somebody last looked. */
function LimitsCard({ limits }: { limits: Limits }) {
  const { t } = useTranslation();
  const { images } = limits;
  return (
    <div className="text-meta" data-selectable>
      <p className="font-strong text-text">{limitOf(limits, t)}</p>
      <p className="text-text-2">
        {t("accounts.limit_pictures", {
          count: images.max_count,
          mb: figure(Math.round(images.max_bytes / 100_000) / 10),
        })}
      </p>
      <p className="text-text-2">
        {limits.max_segments > 1
          ? t("accounts.limit_parts", { n: limits.max_segments })
          : t("accounts.limit_no_threads")}
      </p>
      {limits.sources.length > 0 ? (
        <ul className="mt-2 flex max-h-48 flex-col gap-1 overflow-y-auto border-t border-line pt-2 text-text-3">
          {limits.sources.map((one) => (
            <li key={`${one.limit}-${one.source}`} className="break-words">
              <span className="font-mono text-axis">{one.limit}</span> {one.source}{" "}
              <span className="tnum whitespace-nowrap">{one.checked}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
