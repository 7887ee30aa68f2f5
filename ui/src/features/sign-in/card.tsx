import type { FormEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "@/bindings";
import { Button, FieldError, Mark } from "@/shared";

/** One form in the middle of the page: what is asked, what is wrong, one way on. */
export function Card({
  title,
  lead,
  problem,
  action,
  busy,
  onSubmit,
  children,
  foot,
}: {
  title: string;
  lead?: ReactNode;
  problem?: Problem | undefined;
  action: string;
  busy: boolean;
  onSubmit: () => void;
  children?: ReactNode;
  foot?: ReactNode;
}) {
  const { t } = useTranslation();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) onSubmit();
  };
  // What is wrong with a field stands there; only the rest is said here.
  const said = problem && Object.keys(problem.fields ?? {}).length === 0 ? problem : undefined;
  return (
    <main
      id="place"
      className="flex h-full flex-col items-center justify-center overflow-y-auto bg-bg p-6"
    >
      <form onSubmit={submit} aria-label={title} className="flex w-full max-w-[360px] flex-col">
        <p className="flex items-center gap-2.5 text-title">
          <Mark size={24} /> Rostrum
        </p>
        <h1 className="mt-5 font-serif text-[1.75rem] leading-9 font-normal">{title}</h1>
        {lead ? <p className="mt-1.5 text-text-2">{lead}</p> : null}
        <div className="mt-5 flex flex-col gap-3.5">{children}</div>
        {said ? (
          <div className="pt-4" data-selectable>
            <FieldError>
              <span>
                <span className="font-strong">{t(`problem.${said.code}`)}</span> {said.message}
              </span>
            </FieldError>
          </div>
        ) : null}
        <div className="mt-5 flex items-center gap-3 max-sm:flex-col max-sm:items-stretch">
          <Button
            kind="primary"
            size="big"
            submit
            busy={busy}
            className="max-sm:h-11!"
            onClick={() => {}}
          >
            {action}
          </Button>
          {foot}
        </div>
      </form>
    </main>
  );
}
