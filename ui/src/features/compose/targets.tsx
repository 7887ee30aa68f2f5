import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Button, Checkbox, NetworkTile, Popover } from "@/shared";
import { useGo } from "@/shell/go";
import { useComposer } from "./use-composer";

/** Which accounts get it, and which networks are only counted. */
export function TargetsPopover({ trigger }: { trigger: ReactElement }) {
  const { t } = useTranslation();
  const go = useGo();
  const { accounts, networks, body, edit, counted, setCounted, persona, nameOf } = useComposer();
  const usable = accounts.filter(
    (account) => account.status !== "disconnected" || body.targets.includes(account.id),
  );
  const countable = networks.filter(
    (network) => !usable.some((account) => account.network === network.id) && !network.connectable,
  );
  const toggle = (id: string, on: boolean) =>
    edit((all) => ({
      ...all,
      // In the order of the accounts, so that taking one away and back changes nothing.
      targets: accounts
        .map((account) => account.id)
        .filter((one) => (one === id ? on : all.targets.includes(one))),
    }));
  return (
    <Popover trigger={trigger} className="w-[300px]">
      {(close) => (
        <div className="flex flex-col gap-2">
          <h2 className="text-meta font-strong">{t("compose.targets")}</h2>
          {usable.length === 0 ? (
            <p className="text-meta text-text-2">
              {t("compose.no_accounts", { persona: persona.profile.name })}
            </p>
          ) : (
            <ul className="flex flex-col">
              {usable.map((account) => {
                const name = `${nameOf(account.network)} ${account.handle}`;
                const on = body.targets.includes(account.id);
                return (
                  <li key={account.id} className="flex min-h-8 items-center gap-2.5">
                    <Checkbox on={on} onChange={(next) => toggle(account.id, next)} label={name} />
                    <NetworkTile network={account.network} name={nameOf(account.network)} />
                    <span className="ellipsis flex-1" title={account.handle}>
                      {account.handle || account.display_name}
                    </span>
                    {account.status === "connected" ? null : (
                      <span className="text-meta text-warn-fg">
                        {t(
                          account.status === "needs_reconnect"
                            ? "compose.account_reconnect"
                            : "compose.account_off",
                        )}
                      </span>
                    )}
                  </li>
                );
              })}
            </ul>
          )}
          {countable.length > 0 ? (
            <div className="border-t border-line pt-2">
              <h2 className="text-meta font-strong">{t("compose.counted")}</h2>
              <p className="mb-1 text-meta text-text-3">{t("compose.counted_body")}</p>
              <ul className="flex flex-col">
                {countable.map((network) => (
                  <li key={network.id} className="flex min-h-8 items-center gap-2.5">
                    <Checkbox
                      on={counted.includes(network.id)}
                      onChange={(on) =>
                        setCounted(
                          on
                            ? [...counted, network.id]
                            : counted.filter((one) => one !== network.id),
                        )
                      }
                      label={t("compose.only_counted", { network: nameOf(network.id) })}
                    />
                    <NetworkTile network={network.id} name={nameOf(network.id)} />
                    <span>{nameOf(network.id)}</span>
                  </li>
                ))}
              </ul>
            </div>
          ) : null}
          <Button
            size="row"
            className="self-start"
            onClick={() => {
              close();
              go({ type: "personas", id: persona.id });
            }}
          >
            {t("compose.connect_more")}
          </Button>
        </div>
      )}
    </Popover>
  );
}
