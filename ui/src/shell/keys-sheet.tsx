import { useTranslation } from "react-i18next";
import { Dialog, Kbd } from "@/shared";
import { actions, keysOf, type Section, useOffered } from "./actions";
import { usePrefs } from "./prefs";
import { useSession } from "./session";

const sections: readonly Section[] = ["go", "write", "decide", "list", "content", "window"];

/** Every shortcut that works right now, by section. */
export function KeysSheet() {
  const { t } = useTranslation();
  const open = useSession((session) => session.keys);
  const singles = usePrefs((prefs) => prefs.single_keys);
  const offered = useOffered();
  return (
    <Dialog
      open={open}
      onClose={() => useSession.setState({ keys: false })}
      title={t("keys.title")}
      width={620}
    >
      {singles ? null : <p className="pb-2 text-text-2">{t("keys.singles_off")}</p>}
      <div className="columns-2 gap-8 pt-2">
        {sections.map((section) => {
          const rows = offered.filter(({ id }) => actions[id].section === section && keysOf(id));
          if (rows.length === 0) return null;
          return (
            <section key={section} className="mb-4 break-inside-avoid">
              <h3 className="pb-1 text-meta font-strong">{t(`keys.section.${section}`)}</h3>
              {rows.map(({ id }) => (
                <div
                  key={id}
                  className="flex h-7 items-center justify-between border-b border-line"
                >
                  <span>{t(actions[id].words)}</span>
                  <Kbd keys={keysOf(id) ?? ""} />
                </div>
              ))}
            </section>
          );
        })}
      </div>
    </Dialog>
  );
}
