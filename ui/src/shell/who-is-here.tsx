import { useTranslation } from "react-i18next";
import type { Overview } from "@/bindings";
import { useAct } from "@/data";
import { Button, Mark } from "@/shared";
import { sayProblem } from "./problem";

/** Whoever used this computer has left: nothing can be done before somebody says who is here. */
export function WhoIsHere({ people }: { people: Overview["people"] }) {
  const { t } = useTranslation();
  const choose = useAct<"choose_person">();
  const here = (id: string) => () =>
    choose.mutate(
      { act: { type: "choose_person", id } },
      { onError: (error) => sayProblem(error, here(id)) },
    );
  return (
    <main id="place" className="flex h-full flex-col items-center justify-center bg-bg p-8">
      <div className="flex w-full max-w-sm flex-col gap-3">
        <Mark size={28} />
        <h1 className="text-title">{t("here.title")}</h1>
        <p className="text-text-2">{t("here.body")}</p>
        <ul className="flex flex-col gap-1.5">
          {people.map((person) => (
            <li key={person.id}>
              <Button
                className="w-full justify-start!"
                busy={choose.isPending && choose.variables.act.id === person.id}
                onClick={here(person.id)}
              >
                <bdi>{person.name}</bdi>
                <span className="text-text-3">{t(`role.${person.role}`)}</span>
              </Button>
            </li>
          ))}
        </ul>
      </div>
    </main>
  );
}
