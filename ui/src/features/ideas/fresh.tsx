import { useTranslation } from "react-i18next";
import { useAnswer } from "@/data";
import { Button, Heading, Slant } from "@/shared";
import { useGo } from "@/shell";
import { useTitle } from "./title";

/** How many are shown. */
const SHOWN = 3;

/** The most promising suggestions, for Today; nothing where there are none. */
export function FreshIdeas() {
  const { t } = useTranslation();
  const go = useGo();
  const title = useTitle();
  const suggestions = useAnswer({ type: "ideas" }).data?.suggestions ?? [];
  if (suggestions.length === 0) return null;
  return (
    <section className="mb-6">
      <Heading
        className="pb-1.5"
        aside={
          <Button
            kind="ghost"
            size="row"
            onClick={() => go({ type: "ideas", part: "suggestions" })}
          >
            {t("ideas.all", { count: suggestions.length })}
          </Button>
        }
      >
        {t("place.ideas")}
      </Heading>
      <ul>
        {suggestions.slice(0, SHOWN).map((one) => (
          <li key={one.id}>
            <button
              type="button"
              onClick={() => go({ type: "ideas", part: "suggestions" })}
              className="flex w-full items-start gap-2 rounded-key py-1 text-left hover:bg-hover"
            >
              <span className="mt-[3px]">
                <Slant hue={one.persona.hue} height={12} />
              </span>
              <span className="min-w-0">
                <span className="ellipsis block text-text" dir="auto">
                  {title(one)}
                </span>
                <span className="ellipsis block text-meta text-text-2">
                  {one.facts.title ? t(`ideas.kind.${one.kind}`) : one.persona.name}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
