import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type {
  Model,
  ModelKind,
  ModelUse,
  Price,
  Settings,
  SettingsView,
  WritingTask,
} from "@/bindings";
import { newId, useAct, useAnswer, useChange } from "@/data";
import { problemOf } from "@/platform";
import {
  Button,
  Dialog,
  Field,
  figure,
  IconButton,
  Segmented,
  Select,
  Switch,
  say,
} from "@/shared";
import { type AmountFault, readAmount } from "@/shared/money";
import { sayProblem } from "@/shell";
import { Block, Line } from "./line";

const kinds: readonly ModelKind[] = ["open_ai", "anthropic", "gemini", "mistral"];
const tasks: readonly WritingTask[] = [
  "draft",
  "rewrite",
  "shorten",
  "lengthen",
  "translate",
  "tone",
  "hooks",
  "thread",
  "variants",
  "alt_text",
  "replies",
  "critique",
  "week",
];
/** Millionths of the currency. */
const million = 1_000_000;
const usual: Record<ModelKind, string> = {
  open_ai: "http://127.0.0.1:11434/v1",
  anthropic: "https://api.anthropic.com",
  gemini: "https://generativelanguage.googleapis.com",
  mistral: "https://api.mistral.ai/v1",
};

/** Language models that a person chose, which task each does, and what they used. */
export function Models({
  view,
  set,
}: {
  view: SettingsView;
  set: (change: Partial<Settings>) => void;
}) {
  const { t } = useTranslation();
  const { settings } = view;
  const { models } = settings;
  const [adding, setAdding] = useState(false);
  const remove = (model: Model) => {
    const writes_with = Object.fromEntries(
      Object.entries(settings.writes_with).filter(([, id]) => id !== model.id),
    );
    const fallback_model =
      settings.fallback_model === model.id ? undefined : settings.fallback_model;
    set({ models: models.filter((one) => one.id !== model.id), writes_with, fallback_model });
    say({ text: t("models.removed", { name: model.name }) });
  };
  return (
    <>
      <Block
        title={t("settings.part.models")}
        aside={
          <Button size="row" onClick={() => setAdding(true)}>
            {t("models.add")}
          </Button>
        }
      >
        {models.length === 0 ? (
          <p className="py-3 text-text-2">{t("models.none")}</p>
        ) : (
          models.map((model) => (
            <Line key={model.id} title={model.name} hint={`${model.model} · ${model.address}`}>
              <Prices
                model={model}
                onPrice={(price) =>
                  set({
                    models: models.map(({ price: was, ...one }) =>
                      one.id === model.id
                        ? { ...one, ...(price ? { price } : {}) }
                        : { ...one, ...(was ? { price: was } : {}) },
                    ),
                  })
                }
              />
              <Try model={model} />
              <IconButton
                size="row"
                label={t("models.remove", { name: model.name })}
                icon={<Trash2 size={14} strokeWidth={1.75} aria-hidden />}
                onClick={() => remove(model)}
              />
            </Line>
          ))
        )}
        <Line title={t("models.here_only")} hint={t("models.here_only_hint")}>
          <Switch
            label={t("models.here_only")}
            on={settings.models_here_only}
            onChange={(models_here_only) => set({ models_here_only })}
          />
        </Line>
      </Block>
      {models.length > 1 ? (
        <Block title={t("models.tasks")}>
          {tasks.map((task) => (
            <Line key={task} title={t(`writing.task.${task}`)}>
              <Select
                label={t(`writing.task.${task}`)}
                value={settings.writes_with[task] ?? models[0]?.id ?? ""}
                onChange={(id) => set({ writes_with: { ...settings.writes_with, [task]: id } })}
                choices={models.map((model) => ({ value: model.id, label: model.name }))}
              />
            </Line>
          ))}
          <Line title={t("models.fallback")} hint={t("models.fallback_hint")}>
            <Select
              label={t("models.fallback")}
              value={settings.fallback_model ?? ""}
              onChange={(id) => set({ fallback_model: id || undefined })}
              choices={[
                { value: "", label: t("models.no_fallback") },
                ...models.map((model) => ({ value: model.id, label: model.name })),
              ]}
            />
          </Line>
        </Block>
      ) : null}
      <Spending />
      {adding ? (
        <Add
          onClose={() => setAdding(false)}
          onAdd={(model) => set({ models: [...models, model] })}
        />
      ) : null}
    </>
  );
}

/** Whether the service answers, and has the model. */
function Try({ model }: { model: Model }) {
  const { t } = useTranslation();
  const test = useAct<"test_model">();
  const go = () =>
    test.mutate(
      { act: { type: "test_model", model } },
      {
        onSuccess: ({ known }) =>
          say({ text: t(known ? "models.answers" : "models.unknown", { name: model.name }) }),
        onError: (error) => sayProblem(error, go),
      },
    );
  return (
    <Button size="row" busy={test.isPending} onClick={go}>
      {t("models.test")}
    </Button>
  );
}

/** What personas used in this month, and the most that each may. */
function Spending() {
  const { t } = useTranslation();
  const used = useAnswer({ type: "model_use" });
  if (!used.data || used.data.length === 0) return null;
  return (
    <Block title={t("models.spending")} fact={t("models.this_month")}>
      {used.data.map((one) => (
        <Line
          key={one.persona.id}
          title={one.persona.name}
          hint={`${t("models.used", { tokens: figure(one.tokens), count: one.asked })}${
            one.cost > 0 ? ` · ${t("models.cost", { cost: (one.cost / million).toFixed(2) })}` : ""
          }`}
        >
          <Cap use={one} kind="tokens" />
          <Cap use={one} kind="cost" />
        </Line>
      ))}
    </Block>
  );
}

/** What a model costs: kept when the field is left. */
function Prices({ model, onPrice }: { model: Model; onPrice: (price: Price | undefined) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<Partial<Record<keyof Price, string>>>({});
  const [faults, setFaults] = useState<Partial<Record<keyof Price, AmountFault>>>({});
  const shown = (which: keyof Price) => {
    const kept = model.price?.[which];
    return kept ? String(kept / million) : "";
  };
  const keep = (which: keyof Price) => {
    const now = typed[which];
    if (now === undefined) return;
    const same = now.trim() === shown(which);
    const { micros, fault } = readAmount(same ? "" : now);
    setFaults((all) => ({ ...all, [which]: fault }));
    if (fault) return;
    setTyped((all) => ({ ...all, [which]: undefined }));
    if (same) return;
    const price = { input: 0, output: 0, ...model.price, [which]: micros ?? 0 };
    onPrice(price.input || price.output ? price : undefined);
  };
  return (["input", "output"] as const).map((which) => (
    <Field
      key={which}
      aria-label={t(which === "input" ? "models.price_in_of" : "models.price_out_of", {
        name: model.name,
      })}
      boxClassName="w-32"
      inputMode="decimal"
      value={typed[which] ?? shown(which)}
      placeholder={t(which === "input" ? "models.price_in" : "models.price_out")}
      error={faults[which] && t(`models.amount.${faults[which]}`)}
      onText={(text) => setTyped((all) => ({ ...all, [which]: text }))}
      onBlur={() => keep(which)}
      onKeyDown={(event) => {
        if (event.key === "Enter") keep(which);
      }}
    />
  ));
}

function Cap({ use, kind }: { use: ModelUse; kind: "tokens" | "cost" }) {
  const { t } = useTranslation();
  const change = useChange();
  const personas = useAnswer({ type: "personas" });
  const [typed, setTyped] = useState<string>();
  const [fault, setFault] = useState<AmountFault>();
  const persona = personas.data?.find((one) => one.id === use.persona.id);
  const money = kind === "cost";
  const most = money ? use.cost_cap : use.cap;
  const kept = most === undefined ? "" : String(money ? most / million : most);
  const keep = () => {
    if (typed === undefined || !persona) return;
    const same = typed.trim() === kept;
    const read = readAmount(money && !same ? typed : "");
    setFault(read.fault);
    if (read.fault) return;
    setTyped(undefined);
    if (same) return;
    const tokens = Number.parseInt(typed.replace(/\D/g, ""), 10);
    const cap = money ? read.micros : Number.isNaN(tokens) ? undefined : tokens;
    const field = money ? "monthly_cost" : "monthly_tokens";
    const { [field]: _, ...profile } = persona.profile;
    change.mutate(
      {
        mutation: {
          type: "save_persona",
          id: persona.id,
          profile: cap === undefined ? profile : { ...profile, [field]: cap },
          ...(persona.chain ? { chain: persona.chain.id } : {}),
        },
      },
      { onError: (error) => sayProblem(error, keep) },
    );
  };
  return (
    <Field
      aria-label={t(money ? "models.cost_cap" : "models.cap", { persona: use.persona.name })}
      boxClassName="w-28"
      inputMode={money ? "decimal" : "numeric"}
      value={typed ?? kept}
      placeholder={t(money ? "models.no_cost_cap" : "models.no_cap")}
      error={fault && t(`models.amount.${fault}`)}
      onText={setTyped}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === "Enter") keep();
      }}
    />
  );
}

/** A new model: where it is, how it is called, its key. It is asked before it is kept. */
function Add({ onClose, onAdd }: { onClose: () => void; onAdd: (model: Model) => void }) {
  const { t } = useTranslation();
  const [id] = useState(newId);
  const [kind, setKind] = useState<ModelKind>("open_ai");
  const [address, setAddress] = useState(usual.open_ai);
  const [key, setKey] = useState("");
  const [model, setModel] = useState("");
  const [name, setName] = useState("");
  const [input, setInput] = useState("");
  const [output, setOutput] = useState("");
  const [tried, setTried] = useState(false);
  const [asked, given] = [readAmount(input), readAmount(output)];
  const test = useAct<"test_model">();
  const keep = useAct<"keep_model_key">();
  const made: Model = {
    id,
    name: name.trim() || model.trim(),
    kind,
    address: address.trim(),
    model: model.trim(),
    keyed: key.trim() !== "",
    ...(asked.micros || given.micros
      ? { price: { input: asked.micros ?? 0, output: given.micros ?? 0 } }
      : {}),
  };
  const problem = test.error ?? keep.error;
  const look = () =>
    test.mutate({
      act: {
        type: "test_model",
        model: { ...made, keyed: false },
        ...(key.trim() ? { key: key.trim() } : {}),
      },
    });
  const add = () => {
    setTried(true);
    if (asked.fault || given.fault) return;
    const done = () => {
      onAdd(made);
      onClose();
    };
    if (!made.keyed) return done();
    keep.mutate({ act: { type: "keep_model_key", id, key: key.trim() } }, { onSuccess: done });
  };
  const found = test.data?.models ?? [];
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("models.add")}
      foot={
        <>
          <Button busy={test.isPending} onClick={look}>
            {t("models.look")}
          </Button>
          <Button
            kind="primary"
            busy={keep.isPending}
            off={!made.model && t("models.name_it")}
            onClick={add}
          >
            {t("models.keep")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Segmented
          label={t("models.kind")}
          value={kind}
          onChange={(next) => {
            if (address === usual[kind]) setAddress(usual[next]);
            setKind(next);
          }}
          options={kinds.map((one) => ({ value: one, label: t(`models.kind.${one}`) }))}
        />
        <Field
          label={t("models.address")}
          hint={t("models.address_hint")}
          value={address}
          spellCheck={false}
          onText={setAddress}
        />
        <Field
          label={t("models.key")}
          hint={t("models.key_hint")}
          type="password"
          value={key}
          onText={setKey}
        />
        <Field
          label={t("models.model")}
          list="models-found"
          value={model}
          spellCheck={false}
          onText={setModel}
          hint={test.data ? t("models.found", { count: found.length }) : undefined}
        />
        <datalist id="models-found">
          {found.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <Field
          label={t("models.own_name")}
          value={name}
          placeholder={model}
          onText={setName}
          error={problem ? problemOf(problem).message : undefined}
        />
        <div className="flex gap-3">
          <Field
            label={t("models.price_in")}
            boxClassName="flex-1"
            inputMode="decimal"
            value={input}
            onText={setInput}
            error={tried && asked.fault ? t(`models.amount.${asked.fault}`) : undefined}
          />
          <Field
            label={t("models.price_out")}
            boxClassName="flex-1"
            inputMode="decimal"
            value={output}
            onText={setOutput}
            error={tried && given.fault ? t(`models.amount.${given.fault}`) : undefined}
          />
        </div>
        <p className="text-meta text-text-3">{t("models.price_hint")}</p>
      </div>
    </Dialog>
  );
}
