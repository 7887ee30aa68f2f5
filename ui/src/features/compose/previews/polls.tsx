import { clsx } from "clsx";
import { useTranslation } from "react-i18next";
import type { Poll } from "@/bindings";
import { lasting } from "@/shared/options";

/** A poll as a network's readers meet it; nothing can be voted for here. */
export function PollBox({
  poll,
  network,
  lang,
}: {
  poll: Poll;
  network: string;
  lang: string | undefined;
}) {
  const { t } = useTranslation();
  const left = t("poll.left", { time: lasting(poll.minutes, t) });
  const drawn =
    network === "x" ? (
      <Pills choices={poll.choices} lang={lang} foot={`${t("poll.votes")} · ${left}`} />
    ) : (
      <Rows
        choices={poll.choices}
        lang={lang}
        multiple={poll.multiple === true}
        foot={`${t("poll.people")} · ${left}`}
      />
    );
  return (
    <div role="group" aria-label={t("options.poll")} data-poll={network}>
      {drawn}
    </div>
  );
}

/** The words of a choice. */
function Words({ choice, lang }: { choice: string; lang: string | undefined }) {
  const { t } = useTranslation();
  return (
    <span dir="auto" lang={lang} data-selectable className="min-w-0 [overflow-wrap:anywhere]">
      {choice || <span className="text-text-3">{t("options.poll_empty")}</span>}
    </span>
  );
}

interface Drawn {
  choices: readonly string[];
  lang: string | undefined;
  foot: string;
}

/** X: one pill below the other, its words in the middle. */
function Pills({ choices, lang, foot }: Drawn) {
  return (
    <>
      <ul className="flex flex-col gap-2">
        {choices.map((choice, at) => (
          <li
            // Choices are told apart by their place alone.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            key={at}
            className="flex min-h-8 items-center justify-center rounded-full border border-info-dot px-4 py-1 text-center font-strong text-info-fg"
          >
            <Words choice={choice} lang={lang} />
          </li>
        ))}
      </ul>
      <p className="tnum mt-2 text-text-3">{foot}</p>
    </>
  );
}

/** Mastodon: a circle before each choice, a box where several can be taken; the vote is a button. */
function Rows({ choices, lang, multiple, foot }: Drawn & { multiple: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      <ul className="flex flex-col">
        {choices.map((choice, at) => (
          <li
            // Choices are told apart by their place alone.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            key={at}
            className="flex min-h-8 items-center gap-2.5 py-1"
          >
            <span
              aria-hidden
              className={clsx(
                "size-[18px] shrink-0 border border-control",
                multiple ? "rounded-key" : "rounded-full",
              )}
            />
            <Words choice={choice} lang={lang} />
          </li>
        ))}
      </ul>
      <p className="tnum mt-1.5 flex items-center gap-2.5 text-text-3">
        <span className="rounded-key border border-line-2 px-3 py-1 font-medium text-accent-text">
          {t("poll.vote")}
        </span>
        {foot}
      </p>
    </>
  );
}
