import { RotateCcw } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, FieldError, IconButton, Kbd, Switch } from "@/shared";
import { type ActionDef, type ActionId, actionIds, actions } from "@/shell/actions";
import { chordOf, isSingle, SEQUENCE_MS } from "@/shell/actions/keys";
import type { PartProps } from "./appearance";
import { Block, Line } from "./line";

/** Single keys on or off, and a key of one's own for each action. */
export function Keys({ choices, set }: PartProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState<ActionId | undefined>();
  const [taken, setTaken] = useState<{ id: ActionId; by: ActionId } | undefined>();
  const keys = (id: ActionId) => choices.shortcuts[id] ?? actions[id].keys;

  const give = (id: ActionId, chord: string) => {
    setAsking(undefined);
    const by = actionIds.find(
      (other) => other !== id && keys(other) === chord && meet(actions[id], actions[other]),
    );
    if (by) return setTaken({ id, by });
    setTaken(undefined);
    set({ shortcuts: { ...choices.shortcuts, [id]: chord } });
  };
  const reset = (id: ActionId) => {
    const { [id]: _, ...rest } = choices.shortcuts;
    set({ shortcuts: rest });
  };

  return (
    <>
      <Block title={t("settings.part.keys")}>
        <Line title={t("settings.single_keys")} hint={t("settings.single_keys_hint")}>
          <Switch
            label={t("settings.single_keys")}
            on={choices.single_keys}
            onChange={(single_keys) => set({ single_keys })}
          />
        </Line>
      </Block>
      <Block
        title={t("settings.own_keys")}
        aside={
          Object.keys(choices.shortcuts).length > 0 ? (
            <Button size="row" onClick={() => set({ shortcuts: {} })}>
              {t("settings.reset_all")}
            </Button>
          ) : null
        }
      >
        {actionIds.map((id) => {
          const now = keys(id);
          const own = choices.shortcuts[id] !== undefined;
          const off = now !== undefined && isSingle(now) && !choices.single_keys;
          return (
            <div key={id} className="border-b border-line">
              <div className="flex h-8 items-center gap-2">
                <span className="ellipsis flex-1">{t(actions[id].words)}</span>
                {asking === id ? (
                  <AskKeys
                    onKeys={(chord) => give(id, chord)}
                    onStop={() => setAsking(undefined)}
                  />
                ) : (
                  <button
                    type="button"
                    onClick={() => {
                      setTaken(undefined);
                      setAsking(id);
                    }}
                    aria-label={t("settings.change_key", { action: t(actions[id].words) })}
                    className="flex h-6 min-w-14 items-center justify-end rounded-control px-1.5 hover:bg-hover"
                  >
                    {now ? (
                      <Kbd keys={now} className={off ? "opacity-50" : ""} />
                    ) : (
                      <span className="text-meta text-text-3">{t("settings.no_key")}</span>
                    )}
                  </button>
                )}
                {own ? (
                  <IconButton
                    size="row"
                    label={t("settings.reset_key")}
                    icon={<RotateCcw size={13} strokeWidth={2} aria-hidden />}
                    onClick={() => reset(id)}
                  />
                ) : null}
              </div>
              {taken?.id === id ? (
                <div className="pb-2">
                  <FieldError>
                    {t("settings.key_taken", { action: t(actions[taken.by].words) })}
                  </FieldError>
                </div>
              ) : null}
            </div>
          );
        })}
      </Block>
    </>
  );
}

/** Whether two actions can be offered at once; those of the window and of places always can. */
function meet(a: ActionDef, b: ActionDef): boolean {
  const always = (action: ActionDef) => action.section === "go" || action.section === "window";
  return a.section === b.section || always(a) || always(b);
}

/** Waits for one chord, or two single keys after each other. Escape leaves. */
function AskKeys({ onKeys, onStop }: { onKeys: (chord: string) => void; onStop: () => void }) {
  const { t } = useTranslation();
  const [first, setFirst] = useState<string | undefined>();
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const chord = chordOf(event);
      if (!chord) return;
      event.preventDefault();
      event.stopPropagation();
      if (chord === "Escape") return onStop();
      if (first) return onKeys(`${first} ${chord}`);
      if (!isSingle(chord) || chord.length > 1) return onKeys(chord);
      setFirst(chord);
    };
    window.addEventListener("keydown", hear, true);
    return () => window.removeEventListener("keydown", hear, true);
  }, [first, onKeys, onStop]);
  useEffect(() => {
    if (!first) return;
    const timer = setTimeout(() => onKeys(first), SEQUENCE_MS);
    return () => clearTimeout(timer);
  }, [first, onKeys]);
  return (
    <span role="status" className="flex items-center gap-2 text-meta text-text-2">
      {first ? <Kbd keys={first} /> : null}
      {first ? t("settings.second_key") : t("settings.press_key")}
      <Button size="row" kind="ghost" onClick={onStop}>
        {t("common.cancel")}
      </Button>
    </span>
  );
}
