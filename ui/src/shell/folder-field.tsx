import { useTranslation } from "react-i18next";
import { useCore } from "@/data";
import { Field } from "@/shared";
import type { FieldProps } from "@/shared/field";
import { sayProblem } from "./problem";

/** A folder on the core's computer: written, or chosen in the system's own dialog. */
export function FolderField({
  value,
  onText,
  ...rest
}: FieldProps & { value: string; onText: (path: string) => void }) {
  const { t } = useTranslation();
  const core = useCore();
  const choose = async () => {
    try {
      const path = await core.pick?.("site_folder", value);
      if (path) onText(path);
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <Field
      {...rest}
      value={value}
      onText={onText}
      spellCheck={false}
      className="font-mono text-journal"
      aside={
        core.pick ? (
          <button
            type="button"
            onClick={() => void choose()}
            className="rounded-key text-meta font-medium text-accent-text hover:underline"
          >
            {t("common.choose_folder")}
          </button>
        ) : undefined
      }
    />
  );
}
