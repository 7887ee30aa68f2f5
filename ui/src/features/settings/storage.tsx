import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SettingsView } from "@/bindings";
import { useAct, useAnswer, useChange } from "@/data";
import { AskDialog, Button, say } from "@/shared";
import { sayProblem } from "@/shell";
import { Backups } from "./backups";
import { Block, Line } from "./line";

/** Where the data lies, and its backups. */
export function Storage({ view }: { view: SettingsView }) {
  const { t } = useTranslation();
  const runtime = useAnswer({ type: "overview" }).data?.runtime;
  const change = useChange();
  const [asking, setAsking] = useState(false);

  return (
    <>
      <Block title={t("settings.part.storage")}>
        <Line
          title={t("settings.data_folder")}
          hint={<span data-selectable>{view.data_folder}</span>}
        />
        {runtime?.held ? (
          <Line title={t("need.folder_held.what")} hint={t("need.folder_held.detail")}>
            <Button size="row" onClick={() => setAsking(true)}>
              {t("folder.send_here")}
            </Button>
          </Line>
        ) : null}
        {runtime?.other_history ? <OtherHistory /> : null}
      </Block>
      <Backups held={runtime?.held === true} onSend={() => setAsking(true)} />
      <AskDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t("folder.ask_title")}
        body={t("folder.ask_body")}
        safe={t("folder.keep_held")}
        onSafe={() => {}}
        other={t("folder.send_here")}
        onOther={() =>
          change.mutate(
            { mutation: { type: "release_folder" } },
            {
              onSuccess: () => say({ text: t("folder.released"), tone: "ok", glyph: "stop" }),
              onError: (error) => sayProblem(error),
            },
          )
        }
      />
    </>
  );
}

/** The history is not the one that this computer saw last: a person goes on with it, or restores. */
function OtherHistory() {
  const { t } = useTranslation();
  const note = useAct<"acknowledge_audit">();
  const [asking, setAsking] = useState(false);
  return (
    <Line title={t("need.other_history.what")} hint={t("settings.other_history")}>
      <Button size="row" busy={note.isPending} onClick={() => setAsking(true)}>
        {t("settings.go_on")}
      </Button>
      <AskDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t("settings.go_on_title")}
        body={t("settings.go_on_body")}
        safe={t("folder.keep_held")}
        onSafe={() => {}}
        other={t("settings.go_on")}
        onOther={() =>
          note.mutate(
            { act: { type: "acknowledge_audit" } },
            { onError: (error) => sayProblem(error) },
          )
        }
      />
    </Line>
  );
}
