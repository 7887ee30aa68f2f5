import { useTranslation } from "react-i18next";
import { Bar } from "@/shell";

/** The composer to come, in its own shape. */
export function DeskSkeleton() {
  const { t } = useTranslation();
  return (
    <>
      <Bar title={t("place.compose")} fact={t("common.reading")} />
      <div role="status" aria-label={t("common.reading")} className="flex min-h-0 flex-1">
        <div className="w-[480px] shrink-0 space-y-4 border-r border-line p-6 pt-16">
          {[92, 98, 74, 95, 88, 40].map((width) => (
            <div key={width} className="skeleton h-3" style={{ width: `${width}%` }} />
          ))}
        </div>
        <div className="grid flex-1 auto-rows-min grid-cols-2 gap-5 bg-inset p-5 pt-14">
          {[220, 300].map((height) => (
            <div key={height} className="skeleton" style={{ height }} />
          ))}
        </div>
        <div className="hidden w-[276px] shrink-0 space-y-4 border-l border-line p-4 min-[1280px]:block">
          {[60, 100, 80, 90].map((width) => (
            <div key={width} className="skeleton h-3" style={{ width: `${width}%` }} />
          ))}
        </div>
      </div>
    </>
  );
}
