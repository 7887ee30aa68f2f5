import { Info, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChainPolicy } from "@/bindings";
import { useAnswer, useChange } from "@/data";
import { problemOf } from "@/platform";
import { Button, Dialog, ErrorState, Field, Switch } from "@/shared";
import { emptyStage, faultsOf, moved } from "./chain-model";
import { StageEditor } from "./chain-stage";

/** Creates a chain or appends a revision to one. Requests that are open keep theirs. */
export function ChainEditor({
  start,
  fresh,
  onClose,
  onSaved,
}: {
  start: ChainPolicy | undefined;
  /** It was never saved. */
  fresh: boolean;
  onClose: () => void;
  onSaved: (id: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <Dialog
      open={start !== undefined}
      onClose={onClose}
      title={fresh ? t("chain.new") : t("chain.edit", { name: start?.name ?? "" })}
      width={660}
    >
      {start ? (
        <Form key={start.id} start={start} fresh={fresh} onClose={onClose} onSaved={onSaved} />
      ) : null}
    </Dialog>
  );
}

function Form({
  start,
  fresh,
  onClose,
  onSaved,
}: {
  start: ChainPolicy;
  fresh: boolean;
  onClose: () => void;
  onSaved: (id: string) => void;
}) {
  const { t } = useTranslation();
  const people = useAnswer({ type: "people" }).data ?? [];
  const networks = useAnswer({ type: "networks" }).data ?? [];
  const change = useChange();
  const [policy, setPolicy] = useState<ChainPolicy>(start);
  // Each stage has a name of its own while it is edited: they can be moved.
  const [keys, setKeys] = useState(() => start.stages.map((_, at) => at));
  const [tried, setTried] = useState(false);
  const faults = faultsOf(policy, people);
  const edit = (part: Partial<ChainPolicy>) => setPolicy((old) => ({ ...old, ...part }));
  const save = () => {
    setTried(true);
    if (faults.length > 0) return;
    change.mutate(
      {
        mutation: {
          type: "save_chain",
          policy: { ...policy, revision: fresh ? 1 : start.revision + 1, name: policy.name.trim() },
        },
      },
      {
        onSuccess: () => {
          onSaved(policy.id);
          onClose();
        },
      },
    );
  };
  const problem = change.error ? problemOf(change.error) : undefined;
  return (
    <form
      className="mt-2 flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <p className="flex gap-2 rounded-control bg-inset px-3 py-2 text-meta text-text-2">
        <Info size={14} strokeWidth={1.75} aria-hidden className="mt-px shrink-0" />
        {t("chain.checklist")}
      </p>
      <Field
        label={t("chain.name")}
        autoFocus
        dir="auto"
        value={policy.name}
        onText={(name) => edit({ name })}
        error={tried && faults.some((one) => one.at === "name") ? t("chain.fault.name") : undefined}
      />
      {policy.stages.map((stage, index) => (
        <StageEditor
          key={keys[index]}
          stage={stage}
          index={index}
          count={policy.stages.length}
          people={people}
          networks={networks}
          faults={tried ? faults : []}
          onChange={(part) =>
            edit({
              stages: policy.stages.map((one, n) => (n === index ? { ...one, ...part } : one)),
            })
          }
          onMove={(by) => {
            edit({ stages: moved(policy.stages, index, by) });
            setKeys(moved(keys, index, by));
          }}
          onRemove={() => {
            edit({ stages: policy.stages.filter((_, n) => n !== index) });
            setKeys(keys.filter((_, n) => n !== index));
          }}
        />
      ))}
      <div>
        <Button
          size="row"
          icon={<Plus size={13} strokeWidth={2} aria-hidden />}
          onClick={() => {
            edit({ stages: [...policy.stages, emptyStage()] });
            setKeys([...keys, Math.max(-1, ...keys) + 1]);
          }}
        >
          {t("chain.add_stage")}
        </Button>
        {policy.stages.length === 0 ? (
          <span className="ml-3 text-meta text-text-3">{t("chain.no_stage")}</span>
        ) : null}
      </div>
      <div className="grid gap-3 border-t border-line pt-4 sm:grid-cols-2">
        <Field
          label={t("chain.tolerance")}
          hint={t("chain.tolerance_hint")}
          type="number"
          min={0}
          className="tnum"
          value={Math.round(policy.tolerance / 60)}
          onText={(text) => edit({ tolerance: Math.max(0, Math.round(Number(text) || 0)) * 60 })}
        />
        <Field
          label={t("chain.expiry")}
          hint={t("chain.expiry_hint")}
          type="number"
          min={0}
          className="tnum"
          value={policy.expire_after === undefined ? "" : Math.round(policy.expire_after / 1440)}
          onText={(text) => {
            const days = Math.round(Number(text) || 0);
            edit({ expire_after: days > 0 ? days * 1440 : undefined });
          }}
        />
        <span className="flex items-center gap-2.5 sm:col-span-2">
          <Switch
            on={policy.authors_may_approve}
            onChange={(on) => edit({ authors_may_approve: on })}
            label={t("chain.authors")}
          />
          <span aria-hidden>{t("chain.authors")}</span>
        </span>
      </div>
      {problem ? <ErrorState title={t(`problem.${problem.code}`)} body={problem.message} /> : null}
      <div className="flex items-center justify-end gap-2 border-t border-line pt-3">
        {fresh ? null : (
          <span className="flex-1 text-meta text-text-3">
            {t("chain.revision", { n: start.revision + 1 })}
          </span>
        )}
        <Button kind="ghost" onClick={onClose}>
          {t("common.cancel")}
        </Button>
        <Button submit kind="primary" busy={change.isPending} onClick={() => {}}>
          {t("personas.save")}
        </Button>
      </div>
    </form>
  );
}
