import { ListChecks } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Options } from "@/bindings";
import { Button, type Choice, Field, Heading, Select, Switch } from "@/shared";
import { labelWord } from "@/shared/options";
import { useComposerNow } from "../../use-composer";
import { Line } from "../line";
import { choose, networksOf, newPoll, type Offer, offeredTo } from "./model";
import { PollEditor } from "./poll-editor";

/** Beside the text: only what a network has that gets it, and what was chosen before. */
export function OptionsPart() {
  const { t } = useTranslation();
  const { tab, tabs, networks, accounts, persona, body, text, editText, nameOf } = useComposerNow();
  // Who approves may want to know it also where no network has a mark for it.
  const asked = persona.chain?.stages.some(({ conditions }) =>
    conditions.some(({ type }) => type === "made_with_ai"),
  );
  const offered = offeredTo(networksOf(tab, tabs), networks, accounts);
  const { options } = text;
  const put = (change: Partial<Options>) =>
    editText((now) => ({ ...now, options: choose(now.options, change) }));
  /** Which networks have it; nothing where all have. */
  const hint = (on: readonly string[]) =>
    on.length === 0
      ? t("compose.options_nowhere")
      : on.length < offered.networks.length
        ? on.map(nameOf).join(", ")
        : undefined;
  const choices = <T extends string>(
    offers: readonly Offer<T>[],
    chosen: T | undefined,
    word: (value: T) => string,
  ): Choice<T>[] => {
    const lost = chosen && !offers.some(({ value }) => value === chosen);
    const all = lost ? [...offers, { value: chosen, on: [] }] : offers;
    return all.map(({ value, on }) => ({ value, label: word(value), hint: hint(on) }));
  };
  const pictured = text.segments.some((part) => part.media.length > 0);
  const rows = [
    (offered.visibility.length > 0 || options.visibility) && (
      <Line key="visibility" label={t("options.visibility")}>
        <Select
          look="filter"
          label={t("options.visibility")}
          value={options.visibility ?? "default"}
          onChange={(value) => put({ visibility: value === "default" ? undefined : value })}
          choices={[
            { value: "default" as const, label: t("visibility.default") },
            ...choices(offered.visibility, options.visibility, (value) => t(`visibility.${value}`)),
          ]}
        />
      </Line>
    ),
    (offered.replies.length > 0 || options.replies) && (
      <Line key="replies" label={t("options.replies")}>
        <Select
          look="filter"
          label={t("options.replies")}
          value={options.replies ?? "everyone"}
          onChange={(value) => put({ replies: value === "everyone" ? undefined : value })}
          choices={choices(offered.replies, options.replies ?? "everyone", (value) =>
            t(`replies.${value}`),
          )}
        />
      </Line>
    ),
    toggle("quotes_off", offered.quotes_off, t("options.quotes"), {
      on: t("options.off"),
      off: t("options.allowed"),
    }),
    (offered.quote.length > 0 || options.quote) && (
      <Line key="quote" label={t("options.quote")}>
        <Field
          aria-label={t("options.quote")}
          placeholder={[t("compose.quote_paste"), hint(offered.quote)].filter(Boolean).join(" · ")}
          inputMode="url"
          spellCheck={false}
          value={options.quote?.address ?? ""}
          onText={(address) =>
            put({ quote: address.trim() ? { address: address.trim() } : undefined })
          }
          className="h-6! px-2! text-meta! not-focus:shadow-none!"
        />
      </Line>
    ),
    (offered.content_warning.length > 0 || options.content_warning) && (
      <Line key="content_warning" label={t("options.content_warning")}>
        <Field
          aria-label={t("options.content_warning")}
          placeholder={[t("compose.none"), hint(offered.content_warning)]
            .filter(Boolean)
            .join(" · ")}
          dir="auto"
          lang={body.languages[0]}
          spellCheck
          value={options.content_warning ?? ""}
          onText={(line) => put({ content_warning: line })}
          className="h-6! px-2! text-meta! not-focus:shadow-none!"
        />
      </Line>
    ),
    (pictured || options.sensitive) &&
      toggle("sensitive", offered.sensitive, t("options.sensitive"), {
        on: t("options.hidden"),
        off: t("options.shown"),
      }),
    (offered.labels.length > 0 || options.labels) && (
      <Line key="labels" label={t("options.labels")}>
        <Select
          look="filter"
          label={t("options.labels")}
          value={options.labels?.join(" ") ?? ""}
          onChange={(value) => put({ labels: value ? value.split(" ") : [] })}
          choices={[
            { value: "", label: t("compose.none") },
            ...choices(offered.labels, options.labels?.join(" "), (value) =>
              value
                .split(" ")
                .map((label) => labelWord(label, t))
                .join(", "),
            ),
          ]}
        />
      </Line>
    ),
    toggle("made_with_ai", offered.made_with_ai, t("options.made_with_ai"), {
      on: t("options.yes"),
      off: t("options.no"),
    }),
  ].filter(Boolean);
  const { poll } = options;
  if (rows.length === 0 && !poll && !offered.poll) return null;
  return (
    <section aria-labelledby="compose-options" className="flex flex-col gap-1.5">
      <Heading id="compose-options">
        {tab.network
          ? t("compose.options_for", { network: nameOf(tab.network) })
          : t("options.title")}
      </Heading>
      {rows}
      {poll ? (
        <PollEditor
          poll={poll}
          limits={offered.poll}
          hint={hint(offered.polls)}
          lang={body.languages[0]}
          onChange={(next) => put({ poll: next })}
          onRemove={() =>
            editText(
              (now) => ({ ...now, options: choose(now.options, { poll: undefined }) }),
              t("compose.done.poll_removed"),
            )
          }
        />
      ) : offered.poll ? (
        <div className="flex items-center gap-2">
          <Button
            size="row"
            icon={<ListChecks size={13} strokeWidth={2} aria-hidden />}
            onClick={() => offered.poll && put({ poll: newPoll(offered.poll) })}
          >
            {t("compose.poll_add")}
          </Button>
          <span className="ellipsis text-meta text-text-3">{hint(offered.polls)}</span>
        </div>
      ) : null}
    </section>
  );

  function toggle(
    key: "quotes_off" | "sensitive" | "made_with_ai",
    on: readonly string[],
    label: string,
    words: { on: string; off: string },
  ) {
    const chosen = options[key] === true;
    const forApprovers = key === "made_with_ai" && asked && on.length === 0;
    if (on.length === 0 && !chosen && !forApprovers) return null;
    const which = forApprovers ? t("compose.ai_for_approvers") : hint(on);
    return (
      <Line
        key={key}
        label={label}
        end={<Switch on={chosen} label={label} onChange={(next) => put({ [key]: next })} />}
      >
        {chosen ? words.on : words.off}
        {which ? <span className="text-text-3"> · {which}</span> : null}
      </Line>
    );
  }
}
