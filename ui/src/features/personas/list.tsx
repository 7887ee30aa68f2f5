import { clsx } from "clsx";
import type { TFunction } from "i18next";
import { TriangleAlert, Users } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { PersonaDetail } from "@/bindings";
import { PersonaAvatar, Slant } from "@/shared";
import { troubled } from "./health";

/** Personas by name, archived ones last, and the people. */
export function PersonaList({
  personas,
  chosen,
  onChoose,
  people,
}: {
  personas: readonly PersonaDetail[];
  chosen: string | undefined;
  onChoose: (id: string) => void;
  people: number;
}) {
  const { t } = useTranslation();
  const sorted = [...personas].sort((a, b) => Number(a.archived) - Number(b.archived));
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-2">
      <ul aria-label={t("personas.list")} className="flex flex-col gap-0.5">
        {sorted.map((persona) => (
          <li key={persona.id}>
            <Line
              current={persona.id === chosen}
              onChoose={() => onChoose(persona.id)}
              lead={
                <PersonaAvatar name={persona.profile.name} hue={persona.profile.hue} size={30} />
              }
              title={
                <>
                  <Slant hue={persona.profile.hue} height={12} />
                  <span className="ellipsis">{persona.profile.name}</span>
                </>
              }
              meta={metaOf(persona, t)}
              alarm={troubled(persona) > 0 ? t("personas.needs_you") : undefined}
              faint={persona.archived}
            />
          </li>
        ))}
        <li className="mt-2 border-t border-line pt-2">
          <Line
            current={chosen === "people"}
            onChoose={() => onChoose("people")}
            lead={
              <span className="flex size-[30px] items-center justify-center text-text-2">
                <Users size={16} strokeWidth={1.75} aria-hidden />
              </span>
            }
            title={t("people.title")}
            meta={t("people.count", { count: people })}
          />
        </li>
      </ul>
    </div>
  );
}

function Line({
  current,
  onChoose,
  lead,
  title,
  meta,
  alarm,
  faint,
}: {
  current: boolean;
  onChoose: () => void;
  lead: React.ReactNode;
  title: React.ReactNode;
  meta: string;
  alarm?: string | undefined;
  faint?: boolean;
}) {
  return (
    <button
      type="button"
      aria-current={current || undefined}
      onClick={onChoose}
      className={clsx(
        "flex min-h-12 w-full items-center gap-2 rounded-control px-2.5 py-1.5 text-left",
        current ? "selected bg-selected" : "hover:bg-hover",
      )}
    >
      {lead}
      <span className="min-w-0 flex-1">
        <span
          className={clsx(
            "flex items-center gap-1.5 font-strong",
            faint ? "text-text-3" : "text-text",
          )}
        >
          {title}
        </span>
        <span className="ellipsis block text-meta text-text-2">{meta}</span>
      </span>
      {alarm ? (
        <TriangleAlert
          size={14}
          strokeWidth={2}
          role="img"
          aria-label={alarm}
          className="text-warn-dot"
        />
      ) : null}
    </button>
  );
}

function metaOf(persona: PersonaDetail, t: TFunction): string {
  if (persona.archived) return t("personas.archived");
  const count = persona.accounts.filter((one) => one.status !== "disconnected").length;
  const accounts = t("personas.accounts", { count });
  const need = troubled(persona);
  if (need > 0) return t("personas.accounts_need", { accounts, count: need });
  return persona.paused ? t("personas.accounts_paused", { accounts }) : accounts;
}
