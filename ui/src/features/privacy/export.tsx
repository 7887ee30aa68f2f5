import { useTranslation } from "react-i18next";
import { useAct, useCore } from "@/data";
import { Button, say } from "@/shared";
import { sayProblem } from "@/shell";

/** Everything that is known of a person, to take away: a file of this computer, or a download. */
export function ExportData({ person, name }: { person: string; name?: string }) {
  const { t } = useTranslation();
  const { door } = useCore();
  const write = useAct<"export_person">();
  const label = name ? t("privacy.export_of", { name }) : undefined;
  const start = () => {
    if (door) {
      const link = document.createElement("a");
      link.href = door.exportOf(person);
      link.download = "";
      link.click();
      return;
    }
    write.mutate(
      { act: { type: "export_person", person } },
      {
        onSuccess: ({ file }) =>
          say({ text: t("privacy.exported", { file }), tone: "ok", glyph: "stop" }),
        onError: (error) => sayProblem(error, start),
      },
    );
  };
  return (
    <Button size="row" aria-label={label} busy={write.isPending} onClick={start}>
      {t("privacy.export")}
    </Button>
  );
}
