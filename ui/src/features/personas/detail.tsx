import { Check, Ellipsis, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account, PersonaDetail } from "@/bindings";
import { useChange } from "@/data";
import {
  Button,
  Chip,
  Heading,
  IconButton,
  Menu,
  PersonaAvatar,
  Segmented,
  Slant,
  say,
} from "@/shared";
import { zoneCity } from "@/shared/time";
import { sayProblem } from "@/shell/problem";
import { AccountsTable } from "./accounts";
import { AudienceEditor } from "./audience";
import { ChainTab } from "./chain";
import { useDraft } from "./draft";
import { ProfileDialog, tongue } from "./profile";
import { SaveBar } from "./save-bar";
import { SlotsEditor } from "./slots";
import { VoiceEditor } from "./voice";
import { WeekPicture } from "./week";

type Tab = "accounts" | "voice" | "audience" | "slots" | "chain";

/** One persona: what it is, and its five pages. */
export function PersonaPage({
  persona,
  focused,
  onConnect,
  onReconnect,
}: {
  persona: PersonaDetail;
  focused: string | undefined;
  onConnect: () => void;
  onReconnect: (account: Account) => void;
}) {
  const { t } = useTranslation();
  const [tab, setTab] = useState<Tab>("accounts");
  const draft = useDraft(persona);
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <Head persona={persona} tab={tab} onTab={setTab} />
      <div className="flex-1">
        {tab === "accounts" ? (
          <>
            <Summary persona={persona} />
            <AccountsTable
              accounts={persona.accounts}
              focused={focused}
              onConnect={onConnect}
              onReconnect={onReconnect}
            />
          </>
        ) : null}
        {tab === "voice" ? <VoiceEditor draft={draft} /> : null}
        {tab === "audience" ? <AudienceEditor draft={draft} /> : null}
        {tab === "slots" ? <SlotsEditor draft={draft} accounts={persona.accounts} /> : null}
        {tab === "chain" ? <ChainTab persona={persona} /> : null}
      </div>
      <SaveBar draft={draft} />
      <span className="sr-only" aria-live="polite">
        {t(`personas.tab.${tab}`)}
      </span>
    </div>
  );
}

function Head({
  persona,
  tab,
  onTab,
}: {
  persona: PersonaDetail;
  tab: Tab;
  onTab: (tab: Tab) => void;
}) {
  const { t, i18n } = useTranslation();
  const change = useChange();
  const [editing, setEditing] = useState(false);
  const { profile } = persona;
  const fail = (error: unknown) => sayProblem(error);
  const pause = (paused: boolean) =>
    change.mutate(
      { mutation: { type: "set_paused", persona: persona.id, paused } },
      { onError: fail },
    );
  const archive = (archived: boolean) =>
    change.mutate(
      { mutation: { type: "archive_persona", id: persona.id, archived } },
      {
        onSuccess: () => {
          if (!archived) return;
          say({
            text: t("personas.archived_said", { name: profile.name }),
            glyph: "box",
            action: { label: t("common.undo"), keys: "Mod+Z", onAct: () => archive(false) },
          });
        },
        onError: fail,
      },
    );
  const facts = [
    tongue(profile.language, i18n.language),
    t("personas.time_of", { city: zoneCity(profile.zone) }),
    persona.chain
      ? t("personas.chain_default", { chain: persona.chain.name })
      : t("personas.chain_none"),
  ];
  return (
    <header className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-3 border-b border-line px-6 py-3.5 max-sm:px-4">
      <PersonaAvatar name={profile.name} hue={profile.hue} size={44} />
      <div className="min-w-0 flex-1 basis-56">
        <h2 className="flex items-center gap-2.5 text-title">
          <span className="ellipsis">{profile.name}</span>
          <Slant hue={profile.hue} height={15} />
          {persona.paused ? (
            <Chip tone="warn" glyph="ring-pause">
              {t("personas.paused")}
            </Chip>
          ) : null}
          {persona.archived ? <Chip glyph="box">{t("personas.archived")}</Chip> : null}
        </h2>
        <p className="ellipsis text-meta text-text-2">
          {[profile.voice.tone, ...facts].filter(Boolean).join(" · ")}
        </p>
      </div>
      <span className="flex max-w-full flex-wrap items-center gap-3">
        <Segmented
          className="no-drag-scrollbar max-w-full overflow-x-auto"
          label={t("personas.pages")}
          value={tab}
          onChange={onTab}
          options={(["accounts", "voice", "audience", "slots", "chain"] as const).map((value) => ({
            value,
            label: t(`personas.tab.${value}`),
          }))}
        />
        <Button onClick={() => setEditing(true)}>{t("common.edit")}</Button>
        <Menu
          trigger={
            <IconButton
              kind="plain"
              label={t("personas.more", { name: profile.name })}
              icon={<Ellipsis size={14} strokeWidth={2} aria-hidden />}
            />
          }
          groups={[
            [
              {
                id: "pause",
                label: t(persona.paused ? "personas.resume" : "personas.pause"),
                onSelect: () => pause(!persona.paused),
              },
            ],
            [
              {
                id: "archive",
                label: t(persona.archived ? "personas.unarchive" : "personas.archive"),
                onSelect: () => archive(!persona.archived),
              },
            ],
          ]}
        />
      </span>
      <ProfileDialog persona={persona} open={editing} onClose={() => setEditing(false)} />
    </header>
  );
}

/** How it speaks, who it speaks to, when: as three columns over the accounts. */
function Summary({ persona }: { persona: PersonaDetail }) {
  const { t } = useTranslation();
  const { voice, audiences, slots, hue } = persona.profile;
  const zones = [...new Set(audiences.flatMap((one) => one.zones))];
  return (
    <div className="grid border-b border-line md:grid-cols-3 md:divide-x md:divide-line">
      <section className="px-6 py-3.5 max-sm:px-4">
        <Heading className="mb-1.5">{t("personas.speaks")}</Heading>
        <ul className="text-meta text-text-2">
          {voice.dos.slice(0, 3).map((line) => (
            <li key={line} className="flex items-start gap-2 py-0.5" dir="auto">
              <Check
                size={13}
                strokeWidth={2}
                role="img"
                aria-label={t("voice.do")}
                className="mt-px shrink-0 text-ok-dot"
              />
              {line}
            </li>
          ))}
          {voice.donts.slice(0, 2).map((line) => (
            <li key={line} className="flex items-start gap-2 py-0.5" dir="auto">
              <X
                size={13}
                strokeWidth={2}
                role="img"
                aria-label={t("voice.dont")}
                className="mt-px shrink-0 text-bad-dot"
              />
              {line}
            </li>
          ))}
          {voice.dos.length + voice.donts.length === 0 ? (
            <li className="text-text-3">{t("personas.speaks_none")}</li>
          ) : null}
        </ul>
      </section>
      <section className="px-6 py-3.5 max-sm:px-4">
        <Heading className="mb-1.5">{t("personas.to")}</Heading>
        <ul className="text-meta text-text-2">
          {audiences.slice(0, 4).map((one) => (
            <li key={one.name} className="py-0.5" dir="auto">
              {one.name}
            </li>
          ))}
          {zones.length > 0 ? (
            <li className="py-0.5 text-text-3">{zones.map(zoneCity).join(", ")}</li>
          ) : null}
          {audiences.length === 0 ? <li className="text-text-3">{t("personas.to_none")}</li> : null}
        </ul>
      </section>
      <section className="px-6 py-3.5 max-sm:px-4">
        <Heading className="mb-1.5" aside={t("slots.a_week", { count: slots.length })}>
          {t("slots.title")}
        </Heading>
        <WeekPicture slots={slots} hue={hue} label={t("slots.a_week", { count: slots.length })} />
      </section>
    </div>
  );
}
