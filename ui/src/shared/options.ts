import type { TFunction } from "i18next";
import type { Options, Poll } from "@/bindings";

/** One choice beside the text, in words. */
export interface OptionLine {
  key: string;
  name: string;
  value: string;
}

/** "1 day", "6 hours", "30 minutes": the largest unit that says it exactly. */
export function lasting(minutes: number, t: TFunction): string {
  if (minutes > 0 && minutes % 1440 === 0) return t("since.day", { count: minutes / 1440 });
  if (minutes > 0 && minutes % 60 === 0) return t("since.hour", { count: minutes / 60 });
  return t("since.minute", { count: minutes });
}

/** What holds for a poll beside its choices. */
export function pollFacts(poll: Poll, t: TFunction): string {
  return [
    lasting(poll.minutes, t),
    poll.multiple && t("options.poll_multiple"),
    poll.hide_totals && t("options.poll_hidden"),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** All that was chosen, in the order in which it is shown everywhere. */
export function optionLines(options: Options | undefined, t: TFunction): OptionLine[] {
  if (!options) return [];
  const { visibility, replies, poll, quote, labels = [], content_warning } = options;
  const lines: (OptionLine | false | undefined)[] = [
    visibility && {
      key: "visibility",
      name: t("options.visibility"),
      value: t(`visibility.${visibility}`),
    },
    replies && { key: "replies", name: t("options.replies"), value: t(`replies.${replies}`) },
    options.quotes_off && { key: "quotes", name: t("options.quotes"), value: t("options.off") },
    Boolean(content_warning) && {
      key: "content_warning",
      name: t("options.content_warning"),
      value: `“${content_warning}”`,
    },
    options.sensitive && {
      key: "sensitive",
      name: t("options.sensitive"),
      value: t("options.hidden"),
    },
    labels.length > 0 && {
      key: "labels",
      name: t("options.labels"),
      value: labels.map((label) => labelWord(label, t)).join(", "),
    },
    options.made_with_ai && {
      key: "made_with_ai",
      name: t("options.made_with_ai"),
      value: t("options.yes"),
    },
    quote && {
      key: "quote",
      name: t("options.quote"),
      value: quote.text ? `${quote.author ?? ""}: “${quote.text}”` : quote.address,
    },
    poll && {
      key: "poll",
      name: t("options.poll"),
      value: `${poll.choices.map((choice) => `“${choice}”`).join(", ")} · ${pollFacts(poll, t)}`,
    },
  ];
  return lines.filter((line): line is OptionLine => Boolean(line));
}

/** A label as the network's readers know it; one that this window does not know, as it is. */
export function labelWord(label: string, t: TFunction): string {
  return String(t(`options.label.${label}` as never, { defaultValue: label } as never));
}

/** One choice that changed; what was not chosen is absent. */
export interface OptionChange {
  key: string;
  name: string;
  was: string | undefined;
  now: string | undefined;
}

/** What differs between two choices. */
export function optionChanges(
  before: Options | undefined,
  after: Options | undefined,
  t: TFunction,
): OptionChange[] {
  const was = optionLines(before, t);
  const now = optionLines(after, t);
  const keys = [...new Set([...now, ...was].map((line) => line.key))];
  return keys.flatMap((key) => {
    const old = was.find((line) => line.key === key);
    const next = now.find((line) => line.key === key);
    if (old?.value === next?.value) return [];
    return [{ key, name: next?.name ?? old?.name ?? "", was: old?.value, now: next?.value }];
  });
}
