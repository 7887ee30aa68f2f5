import { useTranslation } from "react-i18next";
import type { BestHours } from "@/bindings";
import { zoneCity } from "./time";

/** From how many posts it is known, or from which time zones. */
export function useBasis(): (known: BestHours) => string {
  const { t } = useTranslation();
  return ({ basis, posts, zones }) => {
    if (basis === "posts") return t("calendar.best.from_posts", { count: posts });
    const cities = zones.map(zoneCity).join(", ");
    return posts === 0
      ? t("calendar.best.from_zones", { cities })
      : t("calendar.best.from_few", { cities, count: posts });
  };
}
