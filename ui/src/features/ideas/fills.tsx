import { useTranslation } from "react-i18next";
import type { FillView } from "@/bindings";
import { Button, dayAndClock, Heading, PersonaName } from "@/shared";
import { useGo } from "@/shell";

/** What Rostrum did on its own with empty slots, the last first. */
export function Fills({ fills }: { fills: readonly FillView[] }) {
  const { t } = useTranslation();
  const go = useGo();
  if (fills.length === 0) return null;
  return (
    <section className="pb-5">
      <Heading className="pb-1">{t("ideas.fills")}</Heading>
      <ul>
        {fills.map((fill) => {
          const when = dayAndClock(fill.slot.at, fill.slot.zone);
          const { content } = fill;
          return (
            <li key={`${fill.persona.id}:${fill.slot.at}`} className="border-b border-line py-1.5">
              <span className="flex items-baseline justify-between gap-2">
                <PersonaName name={fill.persona.name} hue={fill.persona.hue} />
                <span className="tnum shrink-0 text-meta text-text-2">{when}</span>
              </span>
              {fill.title ? (
                <span className="ellipsis block text-text" dir="auto">
                  {fill.title}
                </span>
              ) : null}
              <span className="block text-meta text-text-2">
                {t(`ideas.fill.${fill.done}`)}
                {fill.reason ? ` ${t(`ideas.fill_reason.${fill.reason}`)}` : null}
              </span>
              <span className="-ml-2 flex">
                {content ? (
                  <Button
                    kind="ghost"
                    size="row"
                    aria-label={t("ideas.fill_open_of", { persona: fill.persona.name, when })}
                    onClick={() => go({ type: "content", id: content })}
                  >
                    {t("common.open")}
                  </Button>
                ) : null}
                <Button
                  kind="ghost"
                  size="row"
                  aria-label={t("ideas.fill_run_of", { persona: fill.persona.name, when })}
                  onClick={() => go({ type: "run", id: fill.run })}
                >
                  {t("ideas.fill_run")}
                </Button>
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
