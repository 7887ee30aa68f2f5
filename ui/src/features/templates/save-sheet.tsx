import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Body, PersonaRef } from "@/bindings";
import { newId, useAnswer, useChange } from "@/data";
import { Button, Dialog, Field, PersonaName, Select, SkeletonRows, say } from "@/shared";
import { ProblemState, sayProblem } from "@/shell";

/** Keeps a text as a template, a new one or in the place of another. */
export function SaveTemplateSheet({
  body,
  labels,
  persona,
  onClose,
}: {
  body: Body;
  labels: readonly string[];
  persona: Pick<PersonaRef, "id" | "name" | "hue">;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const templates = useAnswer({ type: "templates" }).data ?? [];
  const change = useChange();
  const [place, setPlace] = useState("");
  const [name, setName] = useState(body.title ?? "");
  const [own, setOwn] = useState(false);
  const replaced = templates.find((one) => one.id === place);
  const save = () => {
    const id = replaced?.id ?? newId();
    change.mutate(
      {
        mutation: {
          type: "save_template",
          id,
          template: {
            name: name.trim(),
            ...(own ? { persona: persona.id } : {}),
            body,
            labels: [...labels],
          },
        },
      },
      {
        onSuccess: () => {
          say({ text: t("templates.done.saved", { name: name.trim() }), glyph: "ring-check" });
          onClose();
        },
        onError: (error) => sayProblem(error, save),
      },
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("templates.save_as")}
      foot={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            kind="primary"
            busy={change.isPending}
            off={name.trim() === "" ? t("templates.name_first") : false}
            onClick={save}
          >
            {t(replaced ? "templates.replace" : "templates.save")}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") save();
        }}
      >
        <p className="text-meta text-text-2">{t("templates.what_is_kept")}</p>
        {templates.length > 0 ? (
          <Select
            label={t("templates.place")}
            value={place}
            onChange={(next) => {
              setPlace(next);
              const known = templates.find((one) => one.id === next);
              if (!known) return;
              setName(known.template.name);
              setOwn(known.persona !== undefined);
            }}
            choices={[
              { value: "", label: t("templates.as_new") },
              ...templates.map((one) => ({ value: one.id, label: one.template.name })),
            ]}
          />
        ) : null}
        <Field
          label={t("templates.name")}
          value={name}
          onText={setName}
          maxLength={120}
          data-autofocus
        />
        <Select
          label={t("templates.for")}
          value={own ? persona.id : ""}
          onChange={(next) => setOwn(next !== "")}
          choices={[
            { value: "", label: t("queue.all_personas") },
            {
              value: persona.id,
              name: persona.name,
              label: <PersonaName name={persona.name} hue={persona.hue} />,
            },
          ]}
        />
      </form>
    </Dialog>
  );
}

/** The same for a content that is not open: what is typed in it, else its newest version. */
export function SaveTemplateOf({ content, onClose }: { content: string; onClose: () => void }) {
  const { t } = useTranslation();
  const answer = useAnswer({ type: "content", id: content });
  const body = answer.data?.working?.body ?? answer.data?.version?.doc.body;
  if (answer.data && body) {
    const { persona, labels } = answer.data.row;
    return <SaveTemplateSheet body={body} labels={labels} persona={persona} onClose={onClose} />;
  }
  return (
    <Dialog open onClose={onClose} title={t("templates.save_as")}>
      {answer.error ? (
        <ProblemState error={answer.error} onAgain={() => void answer.refetch()} />
      ) : (
        <SkeletonRows rows={3} label={t("common.reading")} />
      )}
    </Dialog>
  );
}
