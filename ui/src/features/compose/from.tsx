import { FileText, Link2, X } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Material } from "@/bindings";
import { useAct } from "@/data";
import { problemOf } from "@/platform";
import { Button, Field, IconButton } from "@/shared";

/** The most of a file that is read, in characters: more does not go along. */
const most = 12_000;

/** A page or a file to write from: what a stranger may have written, and is told so. */
export function From({
  material,
  onMaterial,
}: {
  material: Material | undefined;
  onMaterial: (material: Material | undefined) => void;
}) {
  const { t } = useTranslation();
  const [url, setUrl] = useState("");
  const read = useAct<"read_page">();
  const file = useRef<HTMLInputElement>(null);
  if (material) {
    return (
      <p className="flex items-center gap-2 text-text-2">
        <FileText size={14} strokeWidth={1.75} aria-hidden />
        <span className="min-w-0 truncate">{material.title || material.from}</span>
        <IconButton
          className="ml-auto"
          size="row"
          label={t("writing.from_drop")}
          icon={<X size={14} strokeWidth={2} aria-hidden />}
          onClick={() => onMaterial(undefined)}
        />
      </p>
    );
  }
  const look = () =>
    read.mutate({ act: { type: "read_page", url: url.trim() } }, { onSuccess: onMaterial });
  return (
    <div className="flex flex-col gap-2">
      <Field
        label={t("writing.from_page")}
        value={url}
        spellCheck={false}
        placeholder="https://"
        onText={setUrl}
        error={read.error ? problemOf(read.error).message : undefined}
      />
      <div className="flex flex-wrap gap-2">
        <Button
          size="row"
          icon={<Link2 size={14} strokeWidth={1.75} aria-hidden />}
          busy={read.isPending}
          off={!url.trim() && t("writing.from_needs")}
          onClick={look}
        >
          {t("writing.from_read")}
        </Button>
        <Button
          size="row"
          icon={<FileText size={14} strokeWidth={1.75} aria-hidden />}
          onClick={() => file.current?.click()}
        >
          {t("writing.from_file")}
        </Button>
      </div>
      <input
        ref={file}
        type="file"
        hidden
        accept=".txt,.md,.markdown,.csv,text/plain,text/markdown"
        onChange={async (event) => {
          const chosen = event.target.files?.[0];
          event.target.value = "";
          if (!chosen) return;
          const text = await chosen.slice(0, most * 4).text();
          onMaterial({ from: chosen.name, title: chosen.name, text: text.slice(0, most) });
        }}
      />
    </div>
  );
}
