import { useParams, useSearch } from "@tanstack/react-router";
import { ChevronLeft, Plug, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account } from "@/bindings";
import { useAnswer, useIsMirror } from "@/data";
import { Button, EmptyState, IconButton, Pane, SkeletonRows } from "@/shared";
import { useActions } from "@/shell/actions";
import { Bar } from "@/shell/bar";
import { useGo } from "@/shell/go";
import { ProblemState } from "@/shell/problem";
import { useNarrow } from "@/shell/width";
import { ConnectSheet } from "./connect";
import { PersonaPage } from "./detail";
import { PersonaList } from "./list";
import { People } from "./people";
import { ProfileDialog } from "./profile";

/** Public voices, their accounts, and the people behind them. */
export function Personas() {
  const { t } = useTranslation();
  const go = useGo();
  const { id } = useParams({ strict: false }) as { id?: string };
  const { account } = useSearch({ strict: false }) as { account?: string };
  const single = useNarrow("single");
  const isMirror = useIsMirror();
  const answer = useAnswer({ type: "personas" });
  const people = useAnswer({ type: "people" }).data ?? [];
  const [adding, setAdding] = useState(false);
  const [sheet, setSheet] = useState<{ again?: Account }>();

  const personas = answer.data ?? [];
  const holder = account
    ? personas.find((one) => one.accounts.some((own) => own.id === account))?.id
    : undefined;
  const chosen = id ?? holder ?? (single ? undefined : personas[0]?.id);
  const persona = personas.find((one) => one.id === chosen);
  const open = (next: string | undefined) =>
    go(next ? { type: "personas", id: next } : { type: "personas" }, { replace: !single });
  const step = (by: number) => {
    const at = personas.findIndex((one) => one.id === chosen);
    const next = personas[Math.max(0, Math.min(at + by, personas.length - 1))];
    if (next) open(next.id);
  };
  useActions({
    "account.connect": persona !== undefined && !isMirror && (() => setSheet({})),
    "list.next": personas.length > 1 && (() => step(1)),
    "list.previous": personas.length > 1 && (() => step(-1)),
  });

  const accounts = personas.reduce(
    (sum, one) => sum + one.accounts.filter((own) => own.status !== "disconnected").length,
    0,
  );
  const list = (
    <PersonaList
      personas={personas}
      chosen={chosen}
      onChoose={open}
      people={people.filter((one) => one.active).length}
    />
  );
  const inside = single && chosen !== undefined;
  return (
    <>
      <Bar
        title={t("place.personas")}
        lead={
          inside ? (
            <IconButton
              label={t("common.back")}
              icon={<ChevronLeft size={18} strokeWidth={1.75} aria-hidden />}
              onClick={() => open(undefined)}
              className="-ml-2"
            />
          ) : undefined
        }
        fact={
          answer.data && !single
            ? t("personas.fact", {
                personas: t("personas.count", { count: personas.length }),
                accounts: t("personas.accounts", { count: accounts }),
              })
            : undefined
        }
        actions={
          <>
            {inside ? null : (
              <Button
                icon={<Plus size={14} strokeWidth={2} aria-hidden />}
                onClick={() => setAdding(true)}
              >
                {t("personas.new")}
              </Button>
            )}
            {persona && !isMirror ? (
              <Button
                kind="primary"
                icon={<Plug size={14} strokeWidth={2} aria-hidden />}
                onClick={() => setSheet({})}
              >
                {t("accounts.connect")}
              </Button>
            ) : null}
          </>
        }
      />
      <div className="flex min-h-0 flex-1">
        {answer.error && !answer.data ? (
          <ProblemState
            error={answer.error}
            onAgain={() => void answer.refetch()}
            className="m-6 h-fit flex-1"
          />
        ) : !answer.data ? (
          <SkeletonRows rows={5} height={48} label={t("common.reading")} />
        ) : (
          <>
            {single ? (
              inside ? null : (
                <div className="flex min-w-0 flex-1 flex-col">{list}</div>
              )
            ) : (
              <Pane
                place="personas.list"
                side="start"
                initial={248}
                min={208}
                max={320}
                label={t("personas.list")}
              >
                {list}
              </Pane>
            )}
            {chosen === "people" ? (
              <People />
            ) : persona ? (
              <PersonaPage
                key={persona.id}
                persona={persona}
                focused={account}
                onConnect={() => setSheet({})}
                onReconnect={(again) => setSheet({ again })}
              />
            ) : inside || !single ? (
              <EmptyState
                title={t("personas.none")}
                body={t("personas.none_body")}
                actions={
                  <Button kind="primary" onClick={() => setAdding(true)}>
                    {t("personas.new")}
                  </Button>
                }
              />
            ) : null}
          </>
        )}
      </div>
      <ProfileDialog
        persona={undefined}
        open={adding}
        onClose={() => setAdding(false)}
        onSaved={open}
      />
      <ConnectSheet
        persona={persona}
        again={sheet?.again}
        open={sheet !== undefined}
        onClose={() => setSheet(undefined)}
      />
    </>
  );
}
