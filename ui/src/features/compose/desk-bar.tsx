import { Archive, Ban, Copy, Ellipsis, LayoutTemplate, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  Button,
  clock,
  dayKey,
  IconButton,
  Menu,
  machineZone,
  NetworkTile,
  PersonaName,
  Select,
  shortDay,
} from "@/shared";
import { offerOf, useKeys, useNarrow } from "@/shell";
import { SaveTemplateSheet } from "../templates";
import { isBlank } from "./model";
import { Present } from "./presence";
import { TargetsPopover } from "./targets";
import { fieldProblem, useComposer, useComposerNow } from "./use-composer";

/** Title, where the draft stands, whose voice, where it goes; then save and submit. */
export function DeskBar() {
  const { t } = useTranslation();
  const composer = useComposer();
  const { body, persona, personas, detail, busy } = composer;
  const saveKeys = useKeys("content.save");
  const submitKeys = useKeys("content.submit");
  const tight = useNarrow("rail");
  const templateKeys = useKeys("post.from_template");
  const [keeping, setKeeping] = useState(false);
  const unchanged = !composer.touched && composer.kept.state === "none" && detail?.version;

  return (
    <header
      data-tauri-drag-region
      className="flex h-12 shrink-0 items-center gap-3 border-b border-line bg-surface px-5 max-md:h-auto max-md:min-h-12 max-md:flex-wrap max-md:gap-y-1.5 max-md:py-2"
    >
      <h1 className="sr-only">{t("place.compose")}</h1>
      <TitleField />
      {tight ? null : <DraftState />}
      <Select
        look="filter"
        label={t("compose.persona")}
        value={persona.id}
        onChange={composer.setPersona}
        choices={personas.map((one) => ({
          value: one.id,
          label: <PersonaName name={one.profile.name} hue={one.profile.hue} />,
          name: one.profile.name,
        }))}
        className="h-7! max-w-[190px] text-base!"
      />
      <Tiles />
      <Present content={detail?.row.id} />
      <div className="ml-auto flex shrink-0 items-center gap-2">
        <Menu
          trigger={
            <IconButton
              label={t("compose.more")}
              icon={<Ellipsis size={15} strokeWidth={2} aria-hidden />}
            />
          }
          groups={[
            [
              {
                id: "duplicate",
                label: t("compose.duplicate"),
                icon: <Copy size={14} strokeWidth={1.75} aria-hidden />,
                off: detail ? false : t("compose.off.unkept"),
                onSelect: composer.duplicate,
              },
              {
                id: "template",
                label: t("templates.save_as"),
                icon: <LayoutTemplate size={14} strokeWidth={1.75} aria-hidden />,
                off: isBlank(body) ? t("compose.off.blank") : false,
                onSelect: () => setKeeping(true),
              },
              {
                id: "from_template",
                label: t("templates.from_long"),
                ...(templateKeys ? { keys: templateKeys } : {}),
                onSelect: () => offerOf("post.from_template")?.run(),
              },
              ...(composer.cancelSending
                ? [
                    {
                      id: "cancel",
                      label: t("compose.cancel_sending"),
                      icon: <Ban size={14} strokeWidth={1.75} aria-hidden />,
                      onSelect: composer.cancelSending,
                    },
                  ]
                : []),
            ],
            [
              ...(detail?.version
                ? [
                    {
                      id: "discard",
                      label: t("compose.discard_changes"),
                      icon: <Trash2 size={14} strokeWidth={1.75} aria-hidden />,
                      off:
                        composer.touched || detail.working
                          ? (false as const)
                          : t("compose.off.unchanged"),
                      onSelect: composer.discard,
                    },
                    {
                      id: "archive",
                      label: t("compose.archive"),
                      icon: <Archive size={14} strokeWidth={1.75} aria-hidden />,
                      onSelect: composer.archive,
                    },
                  ]
                : [
                    {
                      id: "discard",
                      label: t("compose.discard_draft"),
                      icon: <Trash2 size={14} strokeWidth={1.75} aria-hidden />,
                      onSelect: composer.discard,
                    },
                  ]),
            ],
          ]}
        />
        <Button
          busy={busy !== undefined}
          off={
            detail && !detail.can_edit
              ? t("compose.off.locked")
              : isBlank(body)
                ? t("compose.off.blank")
                : unchanged
                  ? t("compose.off.unchanged")
                  : undefined
          }
          onClick={composer.save}
          {...(saveKeys && !tight ? { keys: saveKeys } : {})}
        >
          {t("compose.save")}
        </Button>
        <Button
          kind="primary"
          busy={busy !== undefined}
          off={composer.submitOff}
          onClick={composer.submit}
          {...(submitKeys && !tight ? { keys: submitKeys } : {})}
        >
          {composer.submitWord}
        </Button>
      </div>
      {keeping ? (
        <SaveTemplateSheet
          body={body}
          labels={detail?.row.labels ?? []}
          persona={{ id: persona.id, name: persona.profile.name, hue: persona.profile.hue }}
          onClose={() => setKeeping(false)}
        />
      ) : null}
    </header>
  );
}

/** The title; it is typed into, so it never lags. */
function TitleField() {
  const { t } = useTranslation();
  const { body, edit, problem } = useComposerNow();
  const wrong = fieldProblem(problem, /title/);
  return (
    <input
      aria-label={t("compose.title")}
      aria-invalid={wrong ? true : undefined}
      title={wrong}
      placeholder={t("compose.title")}
      value={body.title ?? ""}
      dir="auto"
      onChange={(event) => {
        const title = event.target.value;
        edit((all) => ({ ...all, title }));
      }}
      className="-mx-1.5 field-sizing-content h-7 max-w-[320px] min-w-[88px] shrink rounded-control px-1.5 text-place text-ellipsis text-text hover:bg-hover focus:bg-raised"
    />
  );
}

/** `Draft · saved 09:41`: what is kept, and since when. */
export function DraftState() {
  const { t } = useTranslation();
  const { kept, detail, touched } = useComposer();
  const zone = machineZone();
  const status = t(`status.content.${detail?.row.status ?? "draft"}`);
  const time = (at: number | string) =>
    dayKey(at, zone) === dayKey(Date.now(), zone)
      ? clock(at, zone)
      : `${shortDay(at, zone)}, ${clock(at, zone)}`;
  const words = (() => {
    if (kept.state === "failed") return t("compose.state.failed", { status });
    if (kept.state === "pending") return t("compose.state.pending", { status });
    if (kept.state === "kept") return t("compose.state.kept", { status, time: time(kept.at) });
    const version = detail?.version?.row;
    if (version && !touched) {
      return t("compose.state.version", { status, n: version.n, time: time(version.at) });
    }
    return status;
  })();
  return (
    <span
      role="status"
      className={`tnum shrink-0 whitespace-nowrap ${kept.state === "failed" ? "text-bad-fg" : "text-text-3"}`}
    >
      {words}
    </span>
  );
}

/** Where it goes: one tile for each account, and the way to change that. */
function Tiles() {
  const { t } = useTranslation();
  const { body, accounts, counted, nameOf } = useComposer();
  const networks = body.targets.flatMap((id) => {
    const account = accounts.find((one) => one.id === id);
    return account ? [{ id, network: account.network, handle: account.handle }] : [];
  });
  return (
    <TargetsPopover
      trigger={
        <button
          type="button"
          aria-label={t("compose.targets_of", { count: networks.length })}
          className="flex h-7 items-center gap-[3px] rounded-control px-1 hover:bg-hover"
        >
          {networks.map(({ id, network, handle }) => (
            <NetworkTile key={id} network={network} name={`${nameOf(network)} ${handle}`} />
          ))}
          {counted.map((network) => (
            <NetworkTile
              key={network}
              network={network}
              name={t("compose.only_counted", { network: nameOf(network) })}
              className="bg-transparent! shadow-[inset_0_0_0_1px_var(--line-2)]"
            />
          ))}
          <Plus size={14} strokeWidth={2} aria-hidden className="mx-0.5 text-text-3" />
        </button>
      }
    />
  );
}
