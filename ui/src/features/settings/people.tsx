import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Person, Role } from "@/bindings";
import { newId, useAnswer, useChange } from "@/data";
import { Button, Chip, Field, PersonaAvatar, Select, SkeletonRows, say } from "@/shared";
import { ProblemState, sayProblem } from "@/shell";
import { Block } from "./line";

const roles: readonly Role[] = ["owner", "admin", "approver", "creator", "viewer"];

/** Who works on this computer, and as what. */
export function People() {
  const { t } = useTranslation();
  const people = useAnswer({ type: "people" });
  const [adding, setAdding] = useState(false);
  if (people.error && !people.data) {
    return <ProblemState error={people.error} onAgain={() => void people.refetch()} />;
  }
  const here = people.data?.filter((person) => person.active) ?? [];
  return (
    <Block
      title={t("settings.part.people")}
      fact={people.data ? here.length : undefined}
      aside={
        adding ? null : (
          <Button
            size="row"
            icon={<Plus size={13} strokeWidth={2} aria-hidden />}
            onClick={() => setAdding(true)}
          >
            {t("people.add")}
          </Button>
        )
      }
    >
      {adding ? <AddPerson onDone={() => setAdding(false)} /> : null}
      {people.data ? (
        here.map((person) => <PersonLine key={person.id} person={person} />)
      ) : (
        <SkeletonRows rows={2} height={46} label={t("common.reading")} />
      )}
      <p className="pt-3 text-meta text-text-3">{t("people.worth")}</p>
    </Block>
  );
}

function useRoles() {
  const { t } = useTranslation();
  return roles.map((role) => ({ value: role, label: t(`role.${role}`) }));
}

function PersonLine({ person }: { person: Person }) {
  const { t } = useTranslation();
  const change = useChange();
  const choices = useRoles();
  const leave = () =>
    change.mutate(
      { mutation: { type: "deactivate_person", id: person.id } },
      {
        onSuccess: () => say({ text: t("people.left", { name: person.name }) }),
        onError: (error) => sayProblem(error),
      },
    );
  return (
    <div className="flex min-h-[46px] items-center gap-3 border-b border-line py-1.5">
      <PersonaAvatar name={person.name} size={26} />
      <span className="ellipsis flex-1 font-medium">
        {person.name}
        {person.me ? <Chip className="ml-2">{t("shell.you")}</Chip> : null}
      </span>
      <Select
        look="filter"
        label={t("people.role_of", { name: person.name })}
        value={person.role}
        onChange={(role) =>
          change.mutate(
            { mutation: { type: "update_person", id: person.id, name: person.name, role } },
            { onError: (error) => sayProblem(error) },
          )
        }
        choices={choices}
        className="w-32"
      />
      <Button size="row" kind="ghost" off={person.me && t("people.not_you")} onClick={leave}>
        {t("people.leave")}
      </Button>
    </div>
  );
}

function AddPerson({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const change = useChange();
  const choices = useRoles();
  const [id] = useState(newId);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("approver");
  return (
    <form
      className="grid grid-cols-[1fr_180px_auto] items-end gap-3 border-b border-line py-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!name.trim()) return;
        change.mutate(
          { mutation: { type: "add_person", id, name: name.trim(), role } },
          {
            onSuccess: () => {
              say({ text: t("people.added", { name: name.trim() }), tone: "ok", glyph: "stop" });
              onDone();
            },
            onError: (error) => sayProblem(error),
          },
        );
      }}
    >
      <Field
        label={t("people.name")}
        value={name}
        onText={setName}
        autoFocus
        dir="auto"
        maxLength={80}
      />
      <Select label={t("people.role")} value={role} onChange={setRole} choices={choices} />
      <span className="flex gap-2 pb-px">
        <Button
          kind="primary"
          submit
          busy={change.isPending}
          off={name.trim() ? false : t("people.name_missing")}
        >
          {t("people.add")}
        </Button>
        <Button kind="ghost" onClick={onDone}>
          {t("common.cancel")}
        </Button>
      </span>
    </form>
  );
}
