import { useTranslation } from "react-i18next";
import type { BestHours } from "@/bindings";
import { clock, Popover, Switch, weekday } from "@/shared";
import { effectAt, nextStrongest, SHADES, signed } from "@/shared/best-hours";
import { useBasis } from "@/shared/best-words";

/** What the shading means, what it is known from, and the way to switch it off. */
export function BestLegend({
  known,
  names,
  zone,
  now,
  on,
  onChange,
}: {
  known: readonly BestHours[];
  /** What the personas are called. */
  names: ReadonlyMap<string, string>;
  zone: string;
  now: number;
  on: boolean;
  onChange: (on: boolean) => void;
}) {
  const { t } = useTranslation();
  if (known.length === 0) return null;
  return (
    <span className="inline-flex items-center gap-2 text-meta text-text-2 max-lg:hidden">
      <Popover
        label={t("calendar.best.title")}
        className="w-80"
        trigger={
          <button
            type="button"
            className="inline-flex items-center gap-2 rounded-key px-1 hover:bg-hover"
          >
            {t("calendar.best.title")}
            <span aria-hidden className="flex gap-px">
              {SHADES.map((shade) => (
                <span key={shade} className="h-[5px] w-3.5 bg-hover">
                  <span className="block h-full bg-heat" style={{ opacity: shade * 3.2 }} />
                </span>
              ))}
            </span>
            <span className="max-xl:hidden">{t("calendar.best.scale")}</span>
          </button>
        }
      >
        {() => (
          <div className="flex flex-col gap-3">
            {known.map((one) => (
              <Known
                key={one.persona}
                known={one}
                name={known.length > 1 ? names.get(one.persona) : undefined}
                zone={zone}
                now={now}
              />
            ))}
            <p className="text-meta text-text-3">{t("calendar.best.range")}</p>
          </div>
        )}
      </Popover>
      <Switch label={t("calendar.best.show")} on={on} onChange={onChange} />
    </span>
  );
}

function Known({
  known,
  name,
  zone,
  now,
}: {
  known: BestHours;
  name: string | undefined;
  zone: string;
  now: number;
}) {
  const { t } = useTranslation();
  return (
    <section>
      {name ? <h2 className="text-meta font-strong">{name}</h2> : null}
      <p className="text-meta text-text-2">{useBasis()(known)}</p>
      <ol className="mt-1">
        {nextStrongest(known, now, 3).map((at) => {
          const effect = effectAt(known, at);
          return (
            <li key={at} className="tnum flex h-6 items-center gap-2 text-meta">
              <span className="w-20 font-medium">
                {weekday(at, zone)} {clock(at, zone)}
              </span>
              {effect ? (
                <>
                  <span className="w-14">{signed(effect.effect)}</span>
                  <span className="text-text-3">
                    {t("calendar.best.between", {
                      low: signed(effect.low),
                      high: signed(effect.high),
                    })}
                  </span>
                </>
              ) : null}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
