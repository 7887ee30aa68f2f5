import { useTranslation } from "react-i18next";
import type { SettingsView } from "@/bindings";
import { useAnswer } from "@/data";
import { Button, SkeletonRows, say } from "@/shared";
import { offerOf, ProblemState, sayProblem, useKeys } from "@/shell";
import { Block, Line } from "./line";

/** The version, the keys, and what a report of trouble needs; no texts and no secrets are in it. */
export function Help({ view }: { view: SettingsView }) {
  const { t } = useTranslation();
  const diagnostics = useAnswer({ type: "diagnostics" });
  const keys = useKeys("window.keys");
  const copy = async () => {
    if (!diagnostics.data) return;
    const { facts, log } = diagnostics.data;
    const lines = [
      ...Object.entries(facts).map(([name, value]) => `${name}: ${value}`),
      "",
      ...log,
    ];
    try {
      await navigator.clipboard.writeText(lines.join("\n"));
      say({ text: t("help.copied"), tone: "ok", glyph: "stop" });
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <>
      <Block title={t("settings.part.help")}>
        <Line title="Rostrum" hint={<span className="tnum">{view.version}</span>} />
        <Line title={t("action.keys")}>
          <Button
            size="row"
            onClick={() => offerOf("window.keys")?.run()}
            {...(keys ? { keys } : {})}
          >
            {t("help.show_keys")}
          </Button>
        </Line>
      </Block>
      <Block
        title={t("help.diagnostics")}
        aside={
          <Button
            size="row"
            off={diagnostics.data ? false : t("common.reading")}
            onClick={() => void copy()}
          >
            {t("help.copy")}
          </Button>
        }
      >
        {diagnostics.error && !diagnostics.data ? (
          <ProblemState
            className="mt-3"
            error={diagnostics.error}
            onAgain={() => void diagnostics.refetch()}
          />
        ) : diagnostics.data ? (
          Object.entries(diagnostics.data.facts).map(([name, value]) => (
            <div key={name} className="flex min-h-7 items-baseline gap-4 border-b border-line py-1">
              <span className="w-36 shrink-0 text-text-3">{name}</span>
              <span className="min-w-0 flex-1 [overflow-wrap:anywhere]" data-selectable>
                {value}
              </span>
            </div>
          ))
        ) : (
          <SkeletonRows rows={4} height={28} label={t("common.reading")} />
        )}
        <p className="pt-3 text-meta text-text-3">{t("help.hint")}</p>
      </Block>
    </>
  );
}
