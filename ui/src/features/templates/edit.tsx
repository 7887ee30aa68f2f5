import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Body, PersonaRef, TemplateView } from "@/bindings";
import { useChange } from "@/data";
import { Button, Dialog, Field, networkName, PersonaName, Select, say, TextArea } from "@/shared";
import { sayProblem } from "@/shell";

/** Name, persona, labels and words of a template. Pictures and options stay as they are. */
export function EditTemplate({
  view,
  personas,
  onBack,
  onClose,
}: {
  view: TemplateView;
  personas: readonly PersonaRef[];
  onBack: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const change = useChange();
  const [name, setName] = useState(view.template.name);
  const [persona, setPersona] = useState(view.persona?.id ?? "");
  const [labels, setLabels] = useState(view.template.labels.join(", "));
  const [body, setBody] = useState(view.template.body);
  const texts = ["", ...Object.keys(body.variants)];
  const save = () => {
    const { persona: _, ...rest } = view.template;
    change.mutate(
      {
        mutation: {
          type: "save_template",
          id: view.id,
          template: {
            ...rest,
            name: name.trim(),
            labels: labels.split(",").map((label) => label.trim()),
            body,
            ...(persona ? { persona } : {}),
          },
        },
      },
      {
        onSuccess: () => {
          say({ text: t("templates.done.saved", { name: name.trim() }), glyph: "ring-check" });
          onBack();
        },
        onError: (error) => sayProblem(error, save),
      },
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("templates.edit", { name: view.template.name })}
      width={560}
      foot={
        <>
          <Button onClick={onBack}>{t("common.back")}</Button>
          <Button
            kind="primary"
            busy={change.isPending}
            off={name.trim() === "" ? t("templates.name_first") : false}
            onClick={save}
          >
            {t("templates.save")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Field
          label={t("templates.name")}
          value={name}
          onText={setName}
          maxLength={120}
          data-autofocus
        />
        <Select
          label={t("templates.for")}
          value={persona}
          onChange={setPersona}
          hint={view.persona && !persona ? t("templates.loses_accounts") : undefined}
          choices={[
            { value: "", label: t("queue.all_personas") },
            ...personas.map((one) => ({
              value: one.id,
              name: one.name,
              label: <PersonaName name={one.name} hue={one.hue} />,
            })),
          ]}
        />
        <Field
          label={t("compose.labels")}
          hint={t("templates.labels_hint")}
          value={labels}
          onText={setLabels}
        />
        {texts.map((key) =>
          (key === "" ? body.shared : body.variants[key])?.segments.map((segment, at, all) => (
            <TextArea
              // Parts have no identity of their own; here none is added or moved.
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              key={`${key} ${at}`}
              label={
                <>
                  {key === ""
                    ? t("templates.text")
                    : key.startsWith("network:")
                      ? t("templates.text_of", {
                          network: networkName(key.slice(8), t("network.site")),
                        })
                      : t("templates.text_of_account")}
                  {all.length > 1 ? ` · ${t("approvals.part", { n: at + 1, of: all.length })}` : ""}
                </>
              }
              value={segment.text}
              lang={body.languages[0]}
              writing
              rows={2}
              className="max-h-60"
              onText={(text) => setBody((now) => withText(now, key, at, text))}
            />
          )),
        )}
        <p className="text-meta text-text-3">{t("templates.rest_stays")}</p>
      </div>
    </Dialog>
  );
}

/** A body with other words in one part of one of its texts. */
export function withText(body: Body, key: string, at: number, text: string): Body {
  const variant = key === "" ? body.shared : body.variants[key];
  if (!variant) return body;
  const segments = variant.segments.map((part, n) => (n === at ? { ...part, text } : part));
  const next = { ...variant, segments };
  return key === ""
    ? { ...body, shared: next }
    : { ...body, variants: { ...body.variants, [key]: next } };
}
