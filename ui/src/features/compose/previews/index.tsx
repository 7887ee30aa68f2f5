import { clsx } from "clsx";
import { Moon, Sun } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PreparedMedia, Variant } from "@/bindings";
import { figure, NetworkTile, Segmented } from "@/shared";
import { isBlank, textOf, type View } from "../model";
import { useAssets } from "../picture-strip";
import { useCard } from "../use-card";
import { useComposer } from "../use-composer";
import { readsItself } from "./cards";
import { Posts, SitePage } from "./posts";

/** The window's theme right now. */
function themeNow(): "light" | "dark" {
  const set = document.documentElement.dataset.theme;
  if (set === "light" || set === "dark") return set;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Every target side by side, as its network will show it. */
export function Previews() {
  const { t } = useTranslation();
  const { views, body, tab, openTab, tabs } = useComposer();
  const [theme, setTheme] = useState(themeNow);
  const [here, ...others] = [...views].sort((a, b) => Number(speaksFor(b)) - Number(speaksFor(a)));
  function speaksFor(view: View) {
    return tab.key !== "shared" && view.network === tab.network;
  }
  const ordered = here ? [here, ...others] : [];
  // Two columns filled by turns, so that the first one stands first.
  const columns = [0, 1].map((column) => ordered.filter((_, at) => at % 2 === column));
  const blank = isBlank(body);
  return (
    <section
      aria-label={t("compose.previews")}
      className="@container flex min-w-0 flex-1 flex-col overflow-y-auto bg-inset px-5 pb-8"
      data-page
    >
      <div className="flex h-14 shrink-0 items-center gap-2.5">
        <h2 className="text-meta font-strong">{t("compose.previews")}</h2>
        <span className="ellipsis text-meta text-text-3">{t("compose.previews_fact")}</span>
        <Segmented
          className="ml-auto"
          label={t("compose.preview_theme")}
          value={theme}
          onChange={setTheme}
          options={[
            { value: "light", label: <Sun size={14} aria-hidden />, name: t("compose.light") },
            { value: "dark", label: <Moon size={14} aria-hidden />, name: t("compose.dark") },
          ]}
        />
      </div>
      {views.length === 0 ? (
        <p className="m-auto max-w-64 text-center text-text-3">
          {body.targets.length === 0 ? t("compose.previews_no_target") : t("compose.previews_wait")}
        </p>
      ) : (
        <div className="grid grid-cols-1 items-start gap-5 @[520px]:grid-cols-2">
          {columns.map((column, at) => (
            <div
              // Two columns, always.
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              key={at}
              className="flex min-w-0 flex-col gap-5"
            >
              {column.map((view) => (
                <Preview
                  key={view.identity ?? view.network}
                  view={view}
                  theme={theme}
                  blank={blank}
                  onOpen={() => {
                    const own = tabs.find(
                      (one) =>
                        one.network === view.network &&
                        (view.identity === undefined || one.identities.includes(view.identity)),
                    );
                    if (own) openTab(own.key);
                  }}
                />
              ))}
            </div>
          ))}
        </div>
      )}
    </section>
  );
}

function Preview({
  view,
  theme,
  blank,
  onOpen,
}: {
  view: View;
  theme: "light" | "dark";
  blank: boolean;
  onOpen: () => void;
}) {
  const { t } = useTranslation();
  const { accounts, persona, body, preparedBody, nameOf, tabs } = useComposer();
  const account = accounts.find((one) => one.id === view.identity);
  const name = nameOf(view.network);
  const several = accounts.filter((one) => one.network === view.network).length > 1;
  const tab = tabs.find(
    (one) =>
      one.network === view.network &&
      (view.identity === undefined || one.identities.includes(view.identity)),
  );
  const typed =
    tab && preparedBody ? textOf(preparedBody, tab).segments.map((part) => part.text) : [];
  const worst = [...view.counts].sort(
    (a, b) => b.length - (b.limit ?? 1e9) - (a.length - (a.limit ?? 1e9)),
  )[0];
  const over = worst?.limit !== undefined && worst.length > worst.limit;
  const poster = {
    name: account?.display_name || persona.profile.name,
    handle: account?.handle ?? "",
    hue: persona.profile.hue,
  };
  const shown = useShown(view, tab ? textOf(preparedBody ?? body, tab) : undefined);
  const props = { view: shown, poster, lang: body.languages[0], title: body.title ?? "", typed };
  return (
    <section aria-label={t("compose.preview_of", { network: name })} className="min-w-0">
      <h3 className="mb-1.5 flex items-center gap-2">
        <NetworkTile network={view.network} name={name} />
        <button
          type="button"
          onClick={onOpen}
          className="ellipsis rounded-key text-text-2 hover:text-text hover:underline"
        >
          {several && account ? `${name} ${account.handle}` : name}
        </button>
        {view.identity ? null : (
          <span className="ellipsis text-meta text-text-3">{t("compose.counted_short")}</span>
        )}
        <span
          className={clsx(
            "tnum ml-auto shrink-0",
            over ? "font-strong text-bad-fg" : "text-text-3",
          )}
        >
          {view.counts.length > 1
            ? t("compose.n_parts", { count: view.counts.length })
            : worst?.limit === undefined
              ? t("compose.no_limit")
              : `${figure(worst.length)} / ${figure(worst.limit)}`}
        </span>
      </h3>
      <div
        data-theme={theme}
        className="rounded-card border border-line bg-surface p-3.5 text-text"
      >
        {blank ? (
          <div className="space-y-2 py-2" aria-hidden>
            <div className="h-2 w-4/5 rounded-full bg-hover" />
            <div className="h-2 w-3/5 rounded-full bg-hover" />
          </div>
        ) : view.network === "site" ? (
          <SitePage {...props} />
        ) : (
          <Posts {...props} />
        )}
      </div>
    </section>
  );
}

/**
 * The view with what is not made yet: a picture that is still to be fitted is shown as it came, and
 * a card that is frozen only at save, or made by the network itself, as its page is now.
 */
function useShown(view: View, text: Variant | undefined): View {
  const { networks } = useComposer();
  const assetOf = useAssets();
  const cards =
    readsItself(view.network) ||
    networks.find((one) => one.id === view.network)?.has_cards === true;
  const linked = view.segments.find(
    (segment, at) =>
      cards &&
      !segment.card &&
      (readsItself(view.network) || !text?.options.no_card) &&
      (view.network === "site" || (text?.segments[at]?.media.length ?? 0) === 0) &&
      segment.marks.some((mark) => mark.kind.type === "link"),
  );
  const link = linked?.marks.find((mark) => mark.kind.type === "link")?.kind;
  const url = link?.type === "link" ? link.url : undefined;
  const page = useCard(url).data;
  return {
    ...view,
    segments: view.segments.map((segment, at) => {
      const media = (text?.segments[at]?.media ?? []).flatMap((use): PreparedMedia[] => {
        const made = segment.media.find(({ rendition }) => rendition.asset === use.asset);
        if (made) return [made];
        const facts = assetOf(use.asset)?.facts;
        return facts ? [{ rendition: { ...facts, asset: use.asset }, alt: use.alt ?? "" }] : [];
      });
      const card =
        segment === linked && page?.title
          ? {
              url: page.url,
              title: page.title,
              description: page.description,
              ...(page.image
                ? {
                    image: {
                      asset: page.image,
                      hash: page.image,
                      mime: "image/jpeg",
                      width: 1200,
                      height: 628,
                      bytes: 0,
                    },
                  }
                : {}),
            }
          : segment.card;
      return {
        ...segment,
        media: media.length > segment.media.length ? media : segment.media,
        ...(card ? { card } : {}),
      };
    }),
  };
}
