import { clsx } from "clsx";
import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { TemplateView } from "@/bindings";
import { newId, useAnswer, useChange } from "@/data";
import {
  Button,
  Dialog,
  EmptyState,
  IconButton,
  MarkOutline,
  Menu,
  PersonaName,
  Select,
  SkeletonRows,
  say,
} from "@/shared";
import { ProblemState, sayProblem, useGo } from "@/shell";
import { EditTemplate } from "./edit";

const LAST = "rostrum.compose.persona";

/** Templates: begin a post with one, change it, delete it. */
export function TemplatesSheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const answer = useAnswer({ type: "templates" });
  const overview = useAnswer({ type: "overview" }).data;
  const change = useChange();
  const [editing, setEditing] = useState<string>();
  const personas = overview?.personas.map((one) => one.persona) ?? [];
  const last = window.localStorage.getItem(LAST);
  const [voice, setVoice] = useState(
    () => personas.find((one) => one.id === last)?.id ?? personas[0]?.id ?? "",
  );
  const templates = answer.data ?? [];
  const edited = templates.find((one) => one.id === editing);

  const begin = (view: TemplateView) => {
    const content = newId();
    const persona = view.persona?.id ?? voice;
    change.mutate(
      { mutation: { type: "begin_from_template", template: view.id, content, persona } },
      {
        onSuccess: () => {
          onClose();
          go({ type: "edit", id: content });
        },
        onError: (error) => sayProblem(error, () => begin(view)),
      },
    );
  };
  const keep = (view: TemplateView) =>
    change.mutate(
      { mutation: { type: "save_template", id: view.id, template: view.template } },
      { onError: (error) => sayProblem(error, () => keep(view)) },
    );
  const remove = (view: TemplateView) =>
    change.mutate(
      { mutation: { type: "delete_template", id: view.id } },
      {
        onSuccess: () =>
          say({
            text: t("templates.done.deleted", { name: view.template.name }),
            action: { label: t("action.undo"), keys: "Mod+Z", onAct: () => keep(view) },
          }),
        onError: (error) => sayProblem(error, () => remove(view)),
      },
    );

  if (edited) {
    return (
      <EditTemplate
        view={edited}
        personas={personas}
        onBack={() => setEditing(undefined)}
        onClose={onClose}
      />
    );
  }
  const shared = templates.some((one) => !one.persona);
  return (
    <Dialog open onClose={onClose} title={t("templates.title")} width={560}>
      {answer.error && !answer.data ? (
        <ProblemState error={answer.error} onAgain={() => void answer.refetch()} />
      ) : !answer.data ? (
        <SkeletonRows rows={3} label={t("common.reading")} />
      ) : templates.length === 0 ? (
        <EmptyState
          picture={<MarkOutline size={40} />}
          title={t("templates.none")}
          body={t("templates.none_body")}
        />
      ) : (
        <>
          {shared && personas.length > 1 ? (
            <div className="mb-2 flex items-center gap-2 text-meta text-text-2">
              {t("templates.voice")}
              <Select
                look="filter"
                label={t("templates.voice")}
                value={voice}
                onChange={setVoice}
                choices={personas.map((one) => ({
                  value: one.id,
                  name: one.name,
                  label: <PersonaName name={one.name} hue={one.hue} />,
                }))}
              />
            </div>
          ) : null}
          <ul className="-mx-2" aria-label={t("templates.title")}>
            {templates.map((view, at) => (
              <Line
                key={view.id}
                view={view}
                first={at === 0}
                busy={change.isPending}
                onBegin={() => begin(view)}
                onEdit={() => setEditing(view.id)}
                onDelete={() => remove(view)}
              />
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}

function Line({
  view,
  first,
  busy,
  onBegin,
  onEdit,
  onDelete,
}: {
  view: TemplateView;
  first: boolean;
  busy: boolean;
  onBegin: () => void;
  onEdit: () => void;
  onDelete: () => void;
}) {
  const { t } = useTranslation();
  const { template, persona, headline } = view;
  const icon = { size: 14, strokeWidth: 1.75, "aria-hidden": true } as const;
  return (
    <li className="flex items-center gap-2 rounded-control pr-1 hover:bg-hover">
      <button
        type="button"
        {...(first ? { "data-autofocus": true } : {})}
        aria-disabled={busy || undefined}
        onClick={busy ? undefined : onBegin}
        aria-label={t("templates.begin_with", { name: template.name })}
        className="min-w-0 flex-1 rounded-control px-2 py-2 text-left"
      >
        <span className="flex min-w-0 items-center gap-2">
          <span className="ellipsis font-strong text-text" dir="auto">
            {template.name}
          </span>
          {persona ? (
            <PersonaName
              name={persona.name}
              hue={persona.hue}
              className="shrink-0 text-meta text-text-2"
            />
          ) : (
            <span className="shrink-0 text-meta text-text-3">{t("queue.all_personas")}</span>
          )}
        </span>
        <span className="mt-0.5 flex min-w-0 items-center gap-2 text-meta">
          <span
            dir="auto"
            className={clsx("ellipsis font-serif", headline ? "text-text-2" : "text-text-3")}
          >
            {headline || t("common.no_text")}
          </span>
          {template.labels.length > 0 ? (
            <span className="shrink-0 text-text-3">{template.labels.join(", ")}</span>
          ) : null}
        </span>
      </button>
      <Menu
        trigger={
          <IconButton
            size="row"
            label={t("templates.more", { name: template.name })}
            icon={<Ellipsis size={14} strokeWidth={2} aria-hidden />}
          />
        }
        groups={[
          [
            { id: "edit", label: t("action.edit"), icon: <Pencil {...icon} />, onSelect: onEdit },
            {
              id: "delete",
              label: t("templates.delete"),
              icon: <Trash2 {...icon} />,
              onSelect: onDelete,
            },
          ],
        ]}
      />
    </li>
  );
}

/** The button that opens them. */
export function TemplatesButton({ onOpen }: { onOpen: () => void }) {
  const { t } = useTranslation();
  return <Button onClick={onOpen}>{t("templates.from")}</Button>;
}
