import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account } from "@/bindings";
import { useChange } from "@/data";
import { problemOf } from "@/platform";
import { Button, Dialog, ErrorState, Field } from "@/shared";
import { microsOf, money, plainAmount } from "@/shared/money";

/** What posts to the account have cost this month, of what they may. Nothing where none costs. */
export function Spent({ account }: { account: Account }) {
  const { t, i18n } = useTranslation();
  const { spent, budget } = account;
  const locale = i18n.resolvedLanguage;
  if (!spent || (!budget && spent.amount_micros === 0)) return null;
  return (
    <p className="tnum ellipsis text-text-2">
      {budget
        ? t("budget.spent_of", { spent: money(spent, locale), budget: money(budget, locale) })
        : t("budget.spent", { spent: money(spent, locale) })}
    </p>
  );
}

/** Sets what posts to the account may cost in a month; empty means anything. */
export function BudgetSheet({
  account,
  open,
  onClose,
}: {
  account: Account;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t("budget.title", { handle: account.handle })}
      width={420}
    >
      {open ? <Form account={account} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Form({ account, onClose }: { account: Account; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const change = useChange();
  const { budget, spent } = account;
  const currency = budget?.currency ?? spent?.currency ?? "";
  const [text, setText] = useState(
    budget ? plainAmount(budget.amount_micros, i18n.resolvedLanguage) : "",
  );
  const amount_micros = microsOf(text);
  const none = text.trim() === "";
  const save = () => {
    if (!none && amount_micros === undefined) return;
    change.mutate(
      {
        mutation: {
          type: "set_budget",
          id: account.id,
          ...(amount_micros === undefined ? {} : { budget: { amount_micros, currency } }),
        },
      },
      { onSuccess: onClose },
    );
  };
  const problem = change.error ? problemOf(change.error) : undefined;
  return (
    <form
      className="mt-2 flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Field
        label={t("budget.amount", { currency })}
        hint={t("budget.hint")}
        inputMode="decimal"
        autoFocus
        className="tnum"
        value={text}
        onText={setText}
        error={none || amount_micros !== undefined ? undefined : t("budget.no_amount")}
      />
      <p className="text-meta text-text-3">{t("budget.counts")}</p>
      {problem ? <ErrorState title={t(`problem.${problem.code}`)} body={problem.message} /> : null}
      <div className="flex justify-end gap-2 border-t border-line pt-3">
        <Button kind="ghost" onClick={onClose}>
          {t("common.cancel")}
        </Button>
        <Button submit kind="primary" busy={change.isPending} onClick={() => {}}>
          {t("personas.save")}
        </Button>
      </div>
    </form>
  );
}
