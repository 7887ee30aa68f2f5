import { Radio, RadioGroup } from "@headlessui/react";
import { clsx } from "clsx";
import { Check, House, ImagePlus } from "lucide-react";
import { type ReactNode, type Ref, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  Button,
  Field,
  Glyph,
  hueClass,
  hues,
  PersonaAvatar,
  Select,
  Slant,
  TextArea,
  zoneCity,
} from "@/shared";
import { FolderField } from "@/shell";
import type { Draft, Sound } from "./model";

export type StepState = "later" | "open" | "done";

interface StepProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  state: StepState;
  missing?: boolean;
}

/** A step on a line: done, now, later. */
function Step({
  state,
  title,
  onChange,
  last,
  children,
}: {
  state: StepState;
  title: string;
  onChange?: () => void;
  last?: boolean;
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <li className="relative flex gap-3.5 pb-5">
      {last ? null : (
        <span aria-hidden className="absolute top-6 bottom-1 left-[9.5px] w-px bg-line-2" />
      )}
      <Glyph
        name={state === "done" ? "ring-check" : state === "open" ? "ring-dot" : "ring"}
        size={17}
        label={t(`first.step.${state}`)}
        className={clsx(
          "mt-[2px] ml-[1.5px]",
          state === "done" ? "text-ok-dot" : state === "open" ? "text-accent" : "text-control",
        )}
      />
      <div className="min-w-0 flex-1">
        <div className="flex h-5 items-center justify-between">
          <h2 className={clsx("font-strong", state === "later" && "text-text-3")}>{title}</h2>
          {state === "done" && onChange ? (
            <button
              type="button"
              onClick={onChange}
              className="rounded-key text-meta font-medium text-accent-text hover:underline"
            >
              {t("first.change")}
            </button>
          ) : null}
        </div>
        {state === "later" ? null : <div className="pt-1">{children}</div>}
      </div>
    </li>
  );
}

const tongues = [
  "en",
  "de",
  "fr",
  "es",
  "it",
  "pt",
  "nl",
  "pl",
  "sv",
  "da",
  "nb",
  "fi",
  "cs",
  "tr",
  "uk",
  "el",
  "ar",
  "he",
  "hi",
  "ja",
  "ko",
  "zh",
];

function tongue(code: string): string {
  const name = new Intl.DisplayNames([code], { type: "language" }).of(code) ?? code;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The name, colour, language and zone of the first persona, and who is at the computer. */
export function WhoSpeaks({
  draft,
  set,
  state,
  missing,
  onState,
  onNext,
}: StepProps & { onState: (state: StepState) => void; onNext: () => void }) {
  const { t } = useTranslation();
  const codes = tongues.includes(draft.language) ? tongues : [draft.language, ...tongues];
  const zones = [...new Set([draft.zone, ...Intl.supportedValuesOf("timeZone")])];
  return (
    <Step state={state} title={t("first.who")} onChange={() => onState("open")}>
      {state === "done" ? (
        <p className="flex items-center gap-2">
          <PersonaAvatar name={draft.name} hue={draft.hue} size={28} />
          <Slant hue={draft.hue} height={13} className="mx-0.5" />
          <span className="font-strong">{draft.name}</span>
          <span className="text-text-2">
            {t("first.who_fact", { language: tongue(draft.language), city: zoneCity(draft.zone) })}
          </span>
        </p>
      ) : (
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            onNext();
          }}
        >
          <Field
            label={t("first.name")}
            hint={t("first.name_hint")}
            value={draft.name}
            onText={(name) => set({ name })}
            error={missing ? t("first.name_missing") : undefined}
            maxLength={80}
            dir="auto"
            autoFocus
          />
          <div className="grid grid-cols-2 gap-3">
            <Select
              label={t("first.language")}
              value={draft.language}
              onChange={(language) => set({ language })}
              choices={codes.map((code) => ({ value: code, label: tongue(code) }))}
            />
            <Select
              label={t("first.zone")}
              value={draft.zone}
              onChange={(zone) => set({ zone })}
              choices={zones.map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }))}
            />
          </div>
          <div className="grid grid-cols-2 gap-3">
            <Field
              label={t("first.you")}
              value={draft.person}
              onText={(person) => set({ person })}
              placeholder={t("first.me")}
              maxLength={80}
              dir="auto"
            />
            <div className="flex flex-col gap-1">
              <span className="text-meta text-text-2" id="first-hue">
                {t("first.hue")}
              </span>
              <RadioGroup
                value={draft.hue}
                onChange={(hue) => set({ hue })}
                aria-labelledby="first-hue"
                className="flex h-[30px] items-center gap-0.5"
              >
                {hues.map((hue) => (
                  <Radio
                    key={hue}
                    value={hue}
                    aria-label={t(`hue.${hue}`)}
                    title={t(`hue.${hue}`)}
                    className={clsx(
                      "flex size-6 items-center justify-center rounded-control data-checked:bg-selected data-hover:bg-hover",
                      hueClass(hue),
                    )}
                  >
                    <Slant hue={hue} height={14} />
                  </Radio>
                ))}
              </RadioGroup>
            </div>
          </div>
          <div>
            <Button submit>{t("common.next")}</Button>
          </div>
        </form>
      )}
    </Step>
  );
}

const sounds: readonly Sound[] = ["warm", "plain", "dry"];

/** The nearest voice, and words that it never says. */
export function HowItSounds({
  draft,
  set,
  state,
  onState,
  onNext,
}: StepProps & { onState: (state: StepState) => void; onNext: () => void }) {
  const { t } = useTranslation();
  return (
    <Step state={state} title={t("first.how")} onChange={() => onState("open")}>
      {state === "done" ? (
        <p className="text-text-2">
          <span className="font-medium text-text">{t(`first.sound.${draft.sound}.name`)}</span>
          {draft.never ? ` · ${t("first.never_fact", { words: draft.never })}` : null}
        </p>
      ) : (
        <div className="flex flex-col gap-3">
          <p className="text-meta text-text-3">{t("first.how_hint")}</p>
          <RadioGroup
            value={draft.sound}
            onChange={(sound) => set({ sound })}
            aria-label={t("first.how")}
            className="grid grid-cols-3 gap-2"
          >
            {sounds.map((sound) => (
              <Radio
                key={sound}
                value={sound}
                className="min-h-[66px] cursor-default rounded-control bg-raised px-2.5 py-1.5 shadow-[inset_0_0_0_1px_var(--line-2)] data-checked:shadow-[inset_0_0_0_2px_var(--accent)] data-hover:not-data-checked:bg-hover"
              >
                <span className="block font-strong">{t(`first.sound.${sound}.name`)}</span>
                <span className="block text-meta text-text-2">
                  {t(`first.sound.${sound}.tone`)}
                </span>
              </Radio>
            ))}
          </RadioGroup>
          <Field
            label={t("first.never")}
            placeholder={t("first.never_hint")}
            value={draft.never}
            onText={(never) => set({ never })}
            dir="auto"
          />
          <div>
            <Button onClick={onNext}>{t("common.next")}</Button>
          </div>
        </div>
      )}
    </Step>
  );
}

/** The first post, with a picture if there is one. */
export function WhatItSays({
  draft,
  set,
  state,
  missing,
  path,
  ref,
}: StepProps & { path: string; ref: Ref<HTMLTextAreaElement> }) {
  const { t } = useTranslation();
  const file = useRef<HTMLInputElement>(null);
  const [moving, setMoving] = useState(false);
  return (
    <Step state={state} title={t("first.what")} last>
      <TextArea
        ref={ref}
        writing
        rows={4}
        aria-label={t("first.what")}
        lang={draft.language}
        spellCheck
        value={draft.text}
        onText={(text) => set({ text })}
        onPaste={(event) => {
          const [picture] = event.clipboardData.files;
          if (!picture?.type.startsWith("image/")) return;
          event.preventDefault();
          set({ picture });
        }}
        error={missing ? t("first.what_missing") : undefined}
        className="max-h-64 text-quote!"
      />
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <input
          ref={file}
          type="file"
          accept="image/jpeg,image/png,image/gif,image/webp"
          className="hidden"
          tabIndex={-1}
          aria-label={t("first.add_picture")}
          onChange={(event) => set({ picture: event.target.files?.[0] })}
        />
        <Button
          size="row"
          icon={<ImagePlus size={13} strokeWidth={2} aria-hidden />}
          onClick={() => file.current?.click()}
        >
          {draft.picture ? t("first.other_picture") : t("first.add_picture")}
        </Button>
        {draft.picture ? (
          <>
            <span className="ellipsis flex-1 text-meta text-text-3">{draft.picture.name}</span>
            <Button size="row" kind="ghost" onClick={() => set({ picture: undefined, alt: "" })}>
              {t("first.remove_picture")}
            </Button>
          </>
        ) : null}
      </div>
      {draft.picture ? (
        <Field
          boxClassName="mt-2"
          label={t("first.alt")}
          hint={
            draft.alt.trim() ? (
              <span className="flex items-center gap-1.5">
                <Check size={13} strokeWidth={2} aria-hidden className="text-ok-dot" />
                {t("first.alt_done")}
              </span>
            ) : (
              t("first.alt_hint")
            )
          }
          value={draft.alt}
          onText={(alt) => set({ alt })}
          dir="auto"
        />
      ) : null}
      <div className="mt-4 flex items-start gap-2 text-meta text-text-3">
        <House size={14} strokeWidth={1.75} aria-hidden className="mt-px shrink-0" />
        <span className="flex-1">{t("first.where")}</span>
        {moving || path === "" ? null : (
          <button
            type="button"
            onClick={() => {
              set({ folder: path });
              setMoving(true);
            }}
            className="shrink-0 rounded-key font-medium text-accent-text hover:underline"
          >
            {t("first.other_folder")}
          </button>
        )}
      </div>
      {moving || path === "" ? (
        <FolderField
          boxClassName="mt-2"
          label={t("first.folder")}
          value={draft.folder}
          onText={(folder) => set({ folder })}
        />
      ) : null}
    </Step>
  );
}
