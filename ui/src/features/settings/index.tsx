import { useParams } from "@tanstack/react-router";
import { clsx } from "clsx";
import { useTranslation } from "react-i18next";
import type { Settings as Choices } from "@/bindings";
import { useAct, useAnswer, useCore } from "@/data";
import { OrganizationsPart } from "@/features/organizations";
import { Privacy } from "@/features/privacy";
import type { Desk } from "@/platform";
import { SkeletonRows } from "@/shared";
import { Bar, Page, ProblemState, pathOf, sayProblem, useGo, useNarrow } from "@/shell";
import { Appearance } from "./appearance";
import { AwayPart } from "./away";
import { Computer } from "./computer";
import { Help } from "./help";
import { Keys } from "./keys";
import { Login } from "./login";
import { Models } from "./models";
import { Notifications } from "./notifications";
import { Storage } from "./storage";

const ofComputer = [
  "appearance",
  "keys",
  "notifications",
  "away",
  "organizations",
  "models",
  "computer",
  "storage",
  "privacy",
  "help",
] as const;
/** Where the window is a page of a server, what belongs to a computer is not there. */
const ofServer = ["appearance", "keys", "notifications", "away", "login", "privacy"] as const;
type Part = (typeof ofComputer | typeof ofServer)[number];

/** Joining is the desktop's; the models of an organization that was joined are its server's. */
function shownOn(desk: Desk | undefined, part: (typeof ofComputer)[number]): boolean {
  if (part === "organizations") return desk !== undefined;
  return part !== "models" || desk?.organization === undefined;
}

/** The settings of this computer, or of a person of a server. Each takes effect at once; there is nothing to save. */
export function Settings() {
  const { t } = useTranslation();
  const go = useGo();
  const single = useNarrow("single");
  const given = useParams({ strict: false }).part as Part | undefined;
  const { door, desk } = useCore();
  const signedIn = useAnswer({ type: "overview" }).data?.signed_in === true && door !== undefined;
  const parts: readonly Part[] = signedIn
    ? ofServer
    : ofComputer.filter((part) => shownOn(desk, part));
  const part = given && parts.includes(given) ? given : "appearance";
  const settings = useAnswer({ type: "settings" });
  const save = useAct<"save_settings">();
  const view = settings.data;

  // While a change is on its way it is already shown.
  const choices = save.isPending ? save.variables.act.settings : view?.settings;
  const set = (change: Partial<Choices>) => {
    if (!choices) return;
    const next = { ...choices, ...change };
    save.mutate(
      { act: { type: "save_settings", settings: next } },
      { onError: (error) => sayProblem(error, () => set(change)) },
    );
  };

  return (
    <>
      <Bar
        title={t("place.settings")}
        fact={t(signedIn ? "settings.fact_server" : "settings.fact")}
      />
      <div className={clsx("flex min-h-0 flex-1", single && "flex-col")}>
        <nav
          aria-label={t("settings.parts")}
          className={clsx(
            "shrink-0 border-line p-2",
            single ? "overflow-x-auto border-b" : "w-[200px] border-r",
          )}
        >
          <ul className={clsx("flex gap-px", !single && "flex-col")}>
            {parts.map((one) => (
              <li key={one}>
                <a
                  href={`#${pathOf({ type: "settings", part: one })}`}
                  aria-current={one === part ? "page" : undefined}
                  onClick={(event) => {
                    event.preventDefault();
                    go({ type: "settings", part: one }, { replace: true });
                  }}
                  className={clsx(
                    "flex h-7 items-center rounded-control px-3 whitespace-nowrap no-underline!",
                    one === part
                      ? "bg-selected font-strong text-text"
                      : "text-text-2 hover:bg-hover",
                  )}
                >
                  {t(`settings.part.${one}`)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <Page className="px-7 py-5">
          <div className="max-w-[620px]">
            {view && choices ? (
              <PartOf part={part} view={{ ...view, settings: choices }} set={set} />
            ) : settings.error ? (
              <ProblemState error={settings.error} onAgain={() => void settings.refetch()} />
            ) : (
              <SkeletonRows rows={6} height={46} label={t("common.reading")} />
            )}
          </div>
        </Page>
      </div>
    </>
  );
}

function PartOf({
  part,
  view,
  set,
}: {
  part: Part;
  view: NonNullable<ReturnType<typeof useAnswer<"settings">>["data"]>;
  set: (change: Partial<Choices>) => void;
}) {
  const choices = view.settings;
  const { door } = useCore();
  switch (part) {
    case "appearance":
      return <Appearance choices={choices} set={set} />;
    case "keys":
      return <Keys choices={choices} set={set} />;
    case "notifications":
      return <Notifications choices={choices} set={set} />;
    case "away":
      return <AwayPart />;
    case "models":
      return <Models view={view} set={set} />;
    case "computer":
      return <Computer view={view} set={set} />;
    case "organizations":
      return <OrganizationsPart />;
    case "storage":
      return <Storage view={view} />;
    case "privacy":
      return <Privacy />;
    case "help":
      return <Help view={view} />;
    case "login":
      return door ? <Login door={door} /> : null;
  }
}
