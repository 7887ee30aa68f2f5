import type { TFunction } from "i18next";
import { ChevronDown } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Organizations } from "@/bindings";
import { useOrganizations } from "@/data";
import type { Desk } from "@/platform";
import { IconButton, Menu, type MenuEntry } from "@/shared";

const JoinSheet = lazy(async () => ({
  default: (await import("@/features/organizations")).JoinSheet,
}));

/** The organizations on this computer, who is here, and the way to join another one. */
export function DeskMenu({
  desk,
  shape,
  face,
  name,
  people,
  rail,
}: {
  desk: Desk;
  shape: string;
  face: ReactNode;
  /** What is shown now. */
  name: string;
  /** Who else works on this computer, where its own organization is shown. */
  people: readonly MenuEntry[];
  rail: boolean;
}) {
  const { t } = useTranslation();
  const all = useOrganizations();
  const [joining, setJoining] = useState(false);
  const others = elsewhere(all, desk.organization);
  const label =
    t("desk.menu", { name }) + (others > 0 ? `. ${t("desk.waits", { count: others })}` : "");
  const dot = <span aria-hidden className="size-1.5 shrink-0 rounded-full bg-review-dot" />;
  return (
    <>
      <Menu
        align="start"
        trigger={
          rail ? (
            <IconButton
              label={label}
              icon={
                <span className="relative">
                  {face}
                  {others > 0 ? <span className="absolute -top-0.5 -right-1.5">{dot}</span> : null}
                </span>
              }
              className="size-9!"
            />
          ) : (
            <button type="button" aria-label={label} className={`${shape} hover:bg-hover`}>
              {face}
              <span className="ml-auto flex items-center gap-1.5">
                {others > 0 ? dot : null}
                <ChevronDown size={14} strokeWidth={1.75} aria-hidden className="text-text-3" />
              </span>
            </button>
          )
        }
        groups={[
          entries(all, desk, t),
          people,
          [{ id: "join", label: t("desk.join"), onSelect: () => setJoining(true) }],
        ]}
      />
      {joining ? (
        <Suspense fallback={null}>
          <JoinSheet desk={desk} onClose={() => setJoining(false)} />
        </Suspense>
      ) : null}
    </>
  );
}

/** How many decisions wait in organizations that are not shown. */
function elsewhere(all: Organizations | undefined, shown: string | undefined): number {
  if (!all) return 0;
  const joined = all.joined.filter((one) => one.organization !== shown);
  const own = shown === undefined ? 0 : all.own.approvals;
  return joined.reduce((sum, one) => sum + one.approvals, own);
}

function entries(all: Organizations | undefined, desk: Desk, t: TFunction): MenuEntry[] {
  if (!all || all.joined.length === 0) return [];
  const entry = (id: string | undefined, label: string, approvals: number): MenuEntry => {
    const here = id === desk.organization;
    const waits = approvals > 0 ? t("desk.approvals", { count: approvals }) : undefined;
    return {
      id: id ?? "own",
      label: label || t("desk.own"),
      hint: here ? t("shell.here") : waits,
      onSelect: () => {
        if (!here) desk.enter(id);
      },
    };
  };
  return [
    entry(undefined, all.own.name, all.own.approvals),
    ...all.joined.map((one) => entry(one.organization, one.name, one.approvals)),
  ];
}
