import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Mutation, Person, Role } from "@/bindings";
import { newId, useAct, useAnswer, useChange, useCore, useMirror } from "@/data";
import { AtServer } from "@/features/organizations/at-server";
import { EraseDialog, ExportData } from "@/features/privacy";
import { Button, Chip, Field, PersonaAvatar, Select, SkeletonRows } from "@/shared";
import { ProblemState, sayProblem } from "@/shell/problem";
import { Invitations } from "./invitations";
import { ROLES } from "./roles";

/** Who works here. On one computer people have no passwords: who decided is written down. */
export function People() {
  const { t } = useTranslation();
  const people = useAnswer({ type: "people" });
  const settings = useAnswer({ type: "settings" }).data?.settings;
  const save = useAct<"save_settings">();
  const change = useChange();
  const { door } = useCore();
  const mirror = useMirror();
  const [erasing, setErasing] = useState<Person>();
  const overview = useAnswer({ type: "overview" }).data;
  const signedIn = overview?.signed_in === true;
  const apply = (mutation: Mutation, done?: () => void) =>
    change.mutate(
      { mutation },
      { onSuccess: () => done?.(), onError: (error) => sayProblem(error) },
    );
  if (people.error && !people.data) {
    return (
      <ProblemState error={people.error} onAgain={() => void people.refetch()} className="m-6" />
    );
  }
  if (!people.data) return <SkeletonRows rows={4} height={46} label={t("common.reading")} />;
  const sorted = [...people.data].sort((a, b) => Number(b.active) - Number(a.active));
  const choices = ROLES.map((role) => ({
    value: role,
    label: t(`role.${role}`),
    hint: t(`role.${role}.may`),
  }));
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <header className="border-b border-line px-6 py-4 max-sm:px-4">
        <h2 className="text-title">{t("people.title")}</h2>
        <p className="max-w-[560px] text-meta text-text-2">
          {t(signedIn ? "people.means_server" : "people.means")}
        </p>
      </header>
      <ul>
        {sorted.map((person) => (
          <li
            key={person.id}
            aria-label={person.name}
            className="flex min-h-[46px] flex-wrap items-center gap-3 border-b border-line px-6 py-1.5 max-sm:px-4"
          >
            <PersonaAvatar name={person.name} size={26} />
            <span className="min-w-32 flex-1 font-strong">
              {person.name}
              {person.me ? (
                <span className="ml-2 font-normal text-text-3">{t("people.you")}</span>
              ) : null}
            </span>
            {person.active ? (
              <>
                <Select
                  look="filter"
                  label={t("people.role_of", { name: person.name })}
                  value={person.role}
                  choices={choices}
                  onChange={(role) =>
                    apply({ type: "update_person", id: person.id, name: person.name, role })
                  }
                />
                <Rename
                  person={person}
                  onName={(name) =>
                    apply({ type: "update_person", id: person.id, name, role: person.role })
                  }
                />
                {signedIn ? null : (
                  <Button
                    size="row"
                    off={person.me && t("people.is_you")}
                    busy={save.isPending || !settings}
                    onClick={() => {
                      if (!settings) return;
                      save.mutate(
                        {
                          act: {
                            type: "save_settings",
                            settings: { ...settings, person: person.id },
                          },
                        },
                        { onError: (error) => sayProblem(error) },
                      );
                    }}
                  >
                    {t("people.work_as")}
                  </Button>
                )}
                <Button
                  size="row"
                  kind="danger"
                  onClick={() => apply({ type: "deactivate_person", id: person.id })}
                >
                  {t("people.deactivate")}
                </Button>
              </>
            ) : (
              <Chip glyph="ring-cross">{t("people.left")}</Chip>
            )}
            {mirror ? null : (
              <>
                <ExportData person={person.id} name={person.name} />
                <Button
                  size="row"
                  kind="ghost"
                  aria-label={t("people.erase_of", { name: person.name })}
                  onClick={() => setErasing(person)}
                >
                  {t("people.erase")}
                </Button>
              </>
            )}
          </li>
        ))}
      </ul>
      {erasing ? <EraseDialog person={erasing} onClose={() => setErasing(undefined)} /> : null}
      {signedIn && door ? (
        <Invitations door={door} />
      ) : signedIn ? (
        <AtServer words={t("desk.people_there")} />
      ) : (
        <AddPerson
          busy={change.isPending}
          onAdd={(name, role, done) => apply({ type: "add_person", id: newId(), name, role }, done)}
        />
      )}
    </div>
  );
}

function Rename({ person, onName }: { person: Person; onName: (name: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState<string>();
  if (text === undefined) {
    return (
      <Button size="row" kind="ghost" onClick={() => setText(person.name)}>
        {t("people.rename")}
      </Button>
    );
  }
  return (
    <form
      className="flex items-center gap-1"
      onSubmit={(event) => {
        event.preventDefault();
        const name = text.trim();
        if (name && name !== person.name) onName(name);
        setText(undefined);
      }}
    >
      <Field
        autoFocus
        aria-label={t("people.name")}
        value={text}
        onText={setText}
        className="h-6! w-40"
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          setText(undefined);
        }}
      />
      <Button size="row" submit onClick={() => {}}>
        {t("personas.save")}
      </Button>
    </form>
  );
}

function AddPerson({
  busy,
  onAdd,
}: {
  busy: boolean;
  onAdd: (name: string, role: Role, done: () => void) => void;
}) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("approver");
  return (
    <form
      aria-label={t("people.add")}
      className="flex flex-wrap items-end gap-3 px-6 py-4 max-sm:px-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) onAdd(name.trim(), role, () => setName(""));
      }}
    >
      <Field label={t("people.name")} value={name} onText={setName} boxClassName="w-56" />
      <span className="w-44">
        <Select
          label={t("people.role")}
          value={role}
          onChange={setRole}
          choices={ROLES.map((one) => ({ value: one, label: t(`role.${one}`) }))}
        />
      </span>
      <Button
        submit
        busy={busy}
        off={!name.trim() && t("people.name_missing")}
        icon={<Plus size={14} strokeWidth={2} aria-hidden />}
        onClick={() => {}}
      >
        {t("people.add")}
      </Button>
    </form>
  );
}
