import { useTranslation } from "react-i18next";
import type { Condition } from "@/bindings";
import { money } from "./money";

/** Why a stage is asked: “because it has a link”. */
export function useBecause(): (condition: Condition) => string {
  const { t, i18n } = useTranslation();
  return (condition) =>
    condition.type === "cost_over"
      ? t("approvals.because.cost_over", { amount: money(condition, i18n.resolvedLanguage) })
      : t(`approvals.because.${condition.type}`);
}
