import { useTranslation } from "react-i18next";
import type { QuietHours } from "@/bindings";
import { TimeField } from "./time-field";

/** From when until when nobody is to be disturbed. */
export function QuietSpan({
  quiet,
  onQuiet,
}: {
  quiet: QuietHours;
  onQuiet: (quiet: QuietHours) => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      <TimeField
        label={t("settings.quiet_from")}
        minute={quiet.from}
        onMinute={(from) => onQuiet({ ...quiet, from })}
      />
      <span className="text-text-3">{t("settings.quiet_until")}</span>
      <TimeField
        label={t("settings.quiet_to")}
        minute={quiet.to}
        onMinute={(to) => onQuiet({ ...quiet, to })}
      />
    </>
  );
}
