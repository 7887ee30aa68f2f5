import type { TFunction } from "i18next";
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { figure, Glyph, IconButton, Tabs } from "@/shared";
import { dropOwn, type Tab, viewsOfTab } from "./model";
import { TargetsPopover } from "./targets";
import { useComposerNow } from "./use-composer";

/** One tab per text: the shared one and each network's, with its count and a dot for own text. */
export function TextTabs() {
  const { t } = useTranslation();
  const composer = useComposerNow();
  const { tabs, tab, openTab, accounts, nameOf } = composer;

  const named = (one: Tab): string => {
    if (!one.network) return t("compose.everywhere");
    const name = nameOf(one.network);
    if (!one.key.startsWith("identity:")) return name;
    const handle = accounts.find((account) => account.id === one.identities[0])?.handle;
    return handle ? `${name} ${handle}` : name;
  };
  return (
    <>
      <div className="flex h-[46px] shrink-0 items-stretch border-b border-line pr-2 pl-[18px]">
        <div className="no-drag-scrollbar flex min-w-0 overflow-x-auto overflow-y-hidden [&_[role=tab]]:px-1.5 [&_[role=tab]]:-outline-offset-2">
          <Tabs
            label={t("compose.texts")}
            value={tab.key}
            onChange={openTab}
            className="h-full shrink-0 items-stretch gap-1!"
            tabs={tabs.map((one) => {
              const { meta, fault } = tabMeta(one, composer, t);
              return {
                value: one.key,
                label: (
                  <>
                    {named(one)}
                    {one.own ? (
                      <>
                        <span aria-hidden className="ml-1 text-text-2">
                          •
                        </span>
                        <span className="sr-only">{t("compose.own_text")}</span>
                      </>
                    ) : null}
                  </>
                ),
                meta,
                fault,
              };
            })}
          />
        </div>
        <span className="ml-2 flex shrink-0 items-center">
          <TargetsPopover
            trigger={
              <IconButton
                label={t("compose.targets")}
                icon={<Plus size={15} strokeWidth={2} aria-hidden />}
              />
            }
          />
        </span>
      </div>
      <OwnText name={named(tab)} />
    </>
  );
}

function tabMeta(
  tab: Tab,
  { body, views }: ReturnType<typeof useComposerNow>,
  t: TFunction,
): { meta: React.ReactNode; fault: boolean } {
  if (tab.key === "shared") {
    return { meta: t("compose.n_networks", { count: body.targets.length }), fault: false };
  }
  const own = viewsOfTab(tab, views);
  const first = own[0];
  if (!first) return { meta: " ", fault: false };
  const over = Math.max(
    0,
    ...own.flatMap((view) =>
      view.counts.map((count) => (count.limit === undefined ? 0 : count.length - count.limit)),
    ),
  );
  if (over > 0) {
    return {
      meta: (
        <span className="inline-flex items-center gap-1">
          <Glyph name="octagon" size={11} />
          {t("compose.over", { count: over })}
        </span>
      ),
      fault: true,
    };
  }
  const errors = own.some((view) => view.issues.some((issue) => issue.severity === "error"));
  const count = first.counts[0];
  const meta =
    first.counts.length > 1
      ? t("compose.n_parts", { count: first.counts.length })
      : count?.limit === undefined
        ? t("compose.no_limit")
        : `${figure(count.length)} / ${figure(count.limit)}`;
  return {
    meta: errors ? (
      <span className="inline-flex items-center gap-1">
        <Glyph name="ring-cross" size={11} className="text-bad-dot" />
        {meta}
        <span className="sr-only">{t("compose.has_errors")}</span>
      </span>
    ) : (
      meta
    ),
    fault: false,
  };
}

/** Says whose text this is, and the way back to the shared one. */
function OwnText({ name }: { name: string }) {
  const { t } = useTranslation();
  const { tab, edit, body, editText } = useComposerNow();
  const language = body.languages.map((tag) => tag.toUpperCase()).join(", ");
  return (
    <div className="flex h-[30px] shrink-0 items-center gap-2 border-b border-line bg-inset px-6 text-meta text-text-2">
      {tab.key === "shared" ? (
        <span className="ellipsis">{t("compose.shared_text")}</span>
      ) : tab.own ? (
        <>
          <span className="ellipsis">{t("compose.has_own", { network: name })}</span>
          <button
            type="button"
            className="shrink-0 font-medium text-accent-text hover:underline"
            onClick={() =>
              edit((all) => dropOwn(all, tab.key), t("compose.done.shared", { network: name }))
            }
          >
            {t("compose.use_shared")}
          </button>
        </>
      ) : (
        <>
          <span className="ellipsis">{t("compose.uses_shared", { network: name })}</span>
          <button
            type="button"
            className="shrink-0 font-medium text-accent-text hover:underline"
            onClick={() => editText((text) => ({ ...text }))}
          >
            {t("compose.write_own")}
          </button>
        </>
      )}
      <span className="ml-auto shrink-0">{language}</span>
    </div>
  );
}
