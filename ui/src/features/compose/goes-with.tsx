import { Link2, Split } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAnswer } from "@/data";
import { Button, Switch } from "@/shared";
import { useSettled } from "@/shared/use-settled";
import { intoOne, intoParts, tightest, viewsOfTab } from "./model";
import { useCard } from "./use-card";
import { useComposer } from "./use-composer";

/** What goes out beside the words: the link's card, and whether it is a thread. */
export function GoesWith() {
  const { t } = useTranslation();
  const { text, tab, views, networks, editText, nameOf, openPart } = useComposer();
  const here = viewsOfTab(tab, views);
  const cards = here.filter((view) => networks.find((one) => one.id === view.network)?.has_cards);
  const link = cards
    .flatMap((view) => view.segments.flatMap((segment) => segment.marks))
    .find((mark) => mark.kind.type === "link");
  const url = link?.kind.type === "link" ? link.kind.url : undefined;
  const off = text.options.no_card === true;
  const pictured = text.segments.some((part) => part.media.length > 0);
  const card = useCard(off ? undefined : url);
  const frozen = cards
    .flatMap((view) => view.segments.map((segment) => segment.card))
    .find(Boolean);

  const threads = here.filter(
    (view) => (networks.find((one) => one.id === view.network)?.limits.max_segments ?? 1) > 1,
  );
  const tight = tightest(threads, 0);
  const isThread = text.segments.length > 1;
  const whole = useSettled(isThread ? "" : (text.segments[0]?.text ?? ""), 250);
  const split = useAnswer(
    {
      type: "split",
      network: tight?.network ?? "",
      text: whole,
      options: text.options,
      ...(tight?.identity ? { identity: tight.identity } : {}),
    },
    { enabled: tight !== undefined && whole.trim() !== "", keep: true },
  );
  const parts = split.data?.parts ?? [];
  if (!url && threads.length === 0) return null;

  const setThread = (on: boolean) => {
    if (on) {
      const cut = parts.length > 1 ? parts : [text.segments[0]?.text ?? "", ""];
      editText((now) => intoParts(now, cut), t("compose.done.thread", { count: cut.length }));
    } else {
      editText(intoOne, t("compose.done.one"));
      openPart(0);
    }
  };
  return (
    <section
      aria-label={t("compose.goes_with")}
      className="mt-auto shrink-0 border-t border-line bg-surface px-6 py-2.5 [@media(min-height:800px)]:sticky [@media(min-height:800px)]:bottom-0"
    >
      <h2 className="text-meta font-strong text-text-2">{t("compose.goes_with")}</h2>
      {url ? (
        <div className="flex h-7 items-center gap-3">
          <Link2 size={14} strokeWidth={1.75} aria-hidden className="text-text-3" />
          <span className="w-20 shrink-0 font-medium">{t("compose.card")}</span>
          <span className="ellipsis flex-1 text-text-2">
            {off ? (
              t("compose.card_off")
            ) : pictured ? (
              t("compose.card_pictures")
            ) : card.isFetching ? (
              t("compose.card_reading")
            ) : card.error && !frozen ? (
              <span title={card.error.problem.message}>{t("compose.card_none")}</span>
            ) : (
              card.data?.title || frozen?.title || t("compose.card_none")
            )}
          </span>
          {card.error && !frozen && !off && !pictured ? (
            <Button size="row" onClick={() => void card.refetch()}>
              {t("common.try_again")}
            </Button>
          ) : null}
          <Switch
            on={!off}
            label={t("compose.card")}
            onChange={(on) =>
              editText((now) => {
                const { no_card: _, ...rest } = now.options;
                return { ...now, options: on ? rest : { ...rest, no_card: true } };
              })
            }
          />
        </div>
      ) : null}
      {threads.length > 0 ? (
        <div className="flex h-7 items-center gap-3">
          <Split size={14} strokeWidth={1.75} aria-hidden className="rotate-90 text-text-3" />
          <span className="w-20 shrink-0 font-medium">{t("compose.thread")}</span>
          <span className="ellipsis flex-1 text-text-2">
            {isThread
              ? t("compose.thread_on", { count: text.segments.length })
              : tight && parts.length > 1 && !split.isPlaceholderData
                ? t("compose.thread_needed", {
                    network: nameOf(tight.network),
                    count: parts.length,
                  })
                : t("compose.thread_off")}
          </span>
          <Switch on={isThread} label={t("compose.thread")} onChange={setThread} />
        </div>
      ) : null}
    </section>
  );
}
