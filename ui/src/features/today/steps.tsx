import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAnswer } from "@/data";
import { Button, Glyph, Heading } from "@/shared";
import { useGo, type Where } from "@/shell";

const KEY = "rostrum.steps";

function isPutAway(): boolean {
  try {
    return localStorage.getItem(KEY) === "away";
  } catch {
    return false;
  }
}

/** The way from the first post to ideas of one's own: what is done is ticked, the next leads on. It
 * needs no model, and goes when all is done or somebody puts it away. */
export function FirstSteps() {
  const { t } = useTranslation();
  const go = useGo();
  const [away, setAway] = useState(isPutAway);
  const personas = useAnswer({ type: "personas" }).data?.filter((one) => !one.archived);
  const ideas = useAnswer({ type: "ideas" }).data;
  const first = personas?.[0];
  if (away || !first || !ideas) return null;
  const profiles = personas.map((one) => one.profile);
  const persona: Where = { type: "personas", id: first.id };
  const steps: {
    name: "audience" | "sources" | "slots" | "automation";
    done: boolean;
    to: Where;
  }[] = [
    {
      name: "audience",
      done: profiles.some((one) => one.audiences.some((own) => own.interests.length > 0)),
      to: persona,
    },
    { name: "sources", done: ideas.sources > 0, to: { type: "ideas", part: "sources" } },
    { name: "slots", done: profiles.some((one) => one.slots.length > 0), to: persona },
    {
      name: "automation",
      done: profiles.some((one) => one.automation.level !== "by_hand"),
      to: persona,
    },
  ];
  if (steps.every((one) => one.done)) return null;
  const putAway = () => {
    setAway(true);
    try {
      localStorage.setItem(KEY, "away");
    } catch {
      // It comes back with the next start.
    }
  };
  return (
    <section className="mb-6">
      <Heading
        className="pb-1.5"
        aside={
          <Button kind="ghost" size="row" onClick={putAway}>
            {t("steps.put_away")}
          </Button>
        }
      >
        {t("steps.title")}
      </Heading>
      <ul>
        {steps.map(({ name, done, to }) => (
          <li key={name}>
            <button
              type="button"
              onClick={() => go(to)}
              className="flex w-full items-start gap-2 rounded-key py-1 text-left hover:bg-hover"
            >
              <span className={done ? "mt-[3px] text-ok-dot" : "mt-[3px] text-text-3"}>
                <Glyph name={done ? "ring-check" : "ring-dash"} />
              </span>
              <span className="min-w-0">
                <span className={done ? "block text-text-2" : "block text-text"}>
                  {t(`steps.${name}`)}
                  {done ? <span className="sr-only"> {t("steps.done")}</span> : null}
                </span>
                {done ? null : (
                  <span className="block text-meta text-text-2">{t(`steps.${name}_means`)}</span>
                )}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
