import { clsx } from "clsx";
import { CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useAnswer } from "@/data";
import { Button, Glyph } from "@/shared";
import { issueArgs } from "@/shared/issue-args";
import { useSettled } from "@/shared/use-settled";
import type { WordKey } from "@/words";
import { type Finding, tally } from "./issues";
import { editPart, editText, intoParts, textOf } from "./model";
import { useAssets } from "./picture-strip";
import { useComposer } from "./use-composer";

/** What is to fix and to know, each with its place and one way on. */
export function Findings() {
  const { t } = useTranslation();
  const { findings, prepared, body } = useComposer();
  const { fix, look, know } = tally(findings);
  const blank = body.shared.segments.every((part) => !part.text.trim() && part.media.length === 0);
  if (findings.length === 0) {
    return prepared && !blank && prepared.targets.length > 0 ? (
      <p
        role="status"
        className="flex items-center gap-2 border-t border-line px-6 py-3 text-meta text-text-2"
      >
        <CircleCheck size={14} strokeWidth={1.75} aria-hidden className="text-ok-dot" />
        {t("compose.nothing_to_fix", { count: prepared.targets.length })}
      </p>
    ) : null;
  }
  const counts = [
    fix > 0 && t("compose.n_fix", { count: fix }),
    look > 0 && t("compose.n_look", { count: look }),
    know > 0 && t("compose.n_know", { count: know }),
  ].filter(Boolean);
  return (
    <section aria-label={t("compose.findings")} className="border-t border-line px-6 py-3">
      <h2 className="mb-1 text-meta font-strong text-text-2">
        <span role="status">{counts.join(", ")}</span>
      </h2>
      <ul>
        {findings.map((finding) => (
          <Row key={finding.id} finding={finding} />
        ))}
      </ul>
    </section>
  );
}

function Row({ finding }: { finding: Finding }) {
  const { severity } = finding;
  const { title, body } = useFindingWords(finding);
  return (
    <li className="flex min-h-8 items-center gap-2.5 py-1">
      {severity === "error" ? (
        <Glyph name="ring-cross" size={15} className="text-bad-dot" />
      ) : severity === "warning" ? (
        <TriangleAlert
          size={15}
          strokeWidth={1.75}
          aria-hidden
          className="shrink-0 text-warn-dot"
        />
      ) : (
        <Info size={15} strokeWidth={1.75} aria-hidden className="shrink-0 text-info-dot" />
      )}
      <p className={clsx("min-w-0 flex-1", severity === "info" && "text-text-2")}>
        <span className={severity === "info" ? "" : "font-strong"}>{title}</span>
        {body ? <span className="text-text-2"> {body}</span> : null}
      </p>
      <Fix finding={finding} />
    </li>
  );
}

/** The catalog's words for an issue; an unknown one is named by its code. */
export function useFindingWords(finding: Finding): { title: string; body: string | undefined } {
  const { t, i18n } = useTranslation();
  const { nameOf, views } = useComposer();
  const assetOf = useAssets();
  const { issue, networks, view } = finding;
  const all = views.length > 1 && networks.length === views.length;
  const names = all ? t("compose.all_networks") : networks.map(nameOf).join(", ");
  const count = view.counts[issue.segment];
  const asset = issue.asset ? assetOf(issue.asset) : undefined;
  const args: Record<string, unknown> = {
    ...issueArgs(issue, names, t),
    name: asset?.facts.name ?? "",
    length: issue.args.length ?? count?.length ?? "",
    limit: issue.args.limit ?? count?.limit ?? "",
  };
  const key = `issue.${issue.code}`;
  const say = (which: string): string | undefined =>
    i18n.exists(which) ? String(t(which as WordKey, args as never)) : undefined;
  const title = say(key) ?? t("compose.issue_unknown", { network: names, code: issue.code });
  const parts =
    view.segments.length > 1 ? `${t("compose.part_short", { n: issue.segment + 1 })} ` : "";
  return { title: `${parts}${title}`, body: say(`${key}.more`) };
}

/** The way on that mends it. */
function Fix({ finding }: { finding: Finding }): ReactNode {
  const { t } = useTranslation();
  const { describe, tabs, tab, openTab, openPart, edit } = useComposer();
  const { code, issue } = finding;
  const own = tabs.find((one) => one.key === finding.tab);
  const show = () => {
    openTab(finding.tab);
    openPart(issue.segment);
  };
  if (code === "text_too_long" || code === "text_too_many_bytes") {
    return (
      <>
        {tab.key !== finding.tab ? (
          <Button size="row" onClick={show}>
            {t("compose.show")}
          </Button>
        ) : null}
        <SplitFix finding={finding} />
      </>
    );
  }
  if (code.startsWith("alt_") && issue.asset) {
    const { asset } = issue;
    return (
      <Button size="row" onClick={() => describe(asset)}>
        {t(code === "alt_missing" ? "compose.fix_alt" : "compose.fix_edit")}
      </Button>
    );
  }
  if (code === "too_many_images" && own) {
    const limit = Number(issue.args.limit ?? 4);
    return (
      <Button
        size="row"
        onClick={() =>
          edit(
            (all) => ({
              ...all,
              ...(own.key === "shared"
                ? { shared: trimmed(textOf(all, own)) }
                : { variants: { ...all.variants, [own.key]: trimmed(textOf(all, own)) } }),
            }),
            t("compose.done.pictures_trimmed", { count: limit }),
          )
        }
      >
        {t("compose.fix_keep_first", { count: limit })}
      </Button>
    );
  }
  if ((code === "poll_unsupported" || code === "poll_with_pictures") && own) {
    return <PollFix finding={finding} />;
  }
  if (code.startsWith("quote_") && own) {
    return (
      <Button
        size="row"
        onClick={() =>
          edit((all) => {
            const { quote: _, ...options } = textOf(all, own).options;
            const text = { ...textOf(all, own), options };
            return own.key === "shared"
              ? { ...all, shared: text }
              : { ...all, variants: { ...all.variants, [own.key]: text } };
          })
        }
      >
        {t("compose.fix_quote")}
      </Button>
    );
  }
  if (code === "too_many_languages") {
    return (
      <Button
        size="row"
        onClick={() =>
          edit((all) => ({
            ...all,
            languages: all.languages.slice(0, Number(issue.args.limit ?? 3)),
          }))
        }
      >
        {t("compose.fix_keep_first", { count: Number(issue.args.limit ?? 3) })}
      </Button>
    );
  }
  return tab.key !== finding.tab && finding.severity !== "info" ? (
    <Button size="row" onClick={show}>
      {t("compose.show")}
    </Button>
  ) : null;

  function trimmed(text: ReturnType<typeof textOf>) {
    return editPart(text, issue.segment, (part) => ({
      ...part,
      media: part.media.slice(0, Number(issue.args.limit ?? 4)),
    }));
  }
}

/** "Leave it out there": the network's own text, without the poll. */
function PollFix({ finding }: { finding: Finding }) {
  const { t } = useTranslation();
  const { tabs, edit, nameOf } = useComposer();
  const { network, identity } = finding.view;
  const here = tabs.find(
    (one) => one.network === network && (one.counted || one.identities.includes(identity ?? "")),
  );
  if (!here) return null;
  return (
    <Button
      size="row"
      onClick={() =>
        edit(
          (all) =>
            editText(all, here, ({ options: { poll: _, ...options }, ...text }) => ({
              ...text,
              options,
            })),
          t("compose.done.poll_left_out", { network: nameOf(network) }),
        )
      }
    >
      {t("compose.fix_no_poll", { network: nameOf(network) })}
    </Button>
  );
}

/** "Split in 2": a thread on this network alone, cut by the core. */
function SplitFix({ finding }: { finding: Finding }) {
  const { t } = useTranslation();
  const { body, tabs, edit, networks, nameOf, openTab } = useComposer();
  const { view } = finding;
  const { network, identity } = view;
  const here = tabs.find(
    (one) => one.network === network && (one.counted || one.identities.includes(identity ?? "")),
  );
  const text = here ? textOf(body, here) : undefined;
  const whole = useSettled(text?.segments.map((part) => part.text).join("\n\n") ?? "", 250);
  const threads = (networks.find((one) => one.id === network)?.limits.max_segments ?? 1) > 1;
  const split = useAnswer(
    {
      type: "split",
      network,
      text: whole,
      ...(text ? { options: text.options } : {}),
      ...(identity ? { identity } : {}),
    },
    { enabled: threads && whole.length > 0, keep: true },
  );
  const parts = split.data?.parts;
  if (!here || !text || !parts || parts.length < 2 || split.isPlaceholderData) return null;
  return (
    <Button
      size="row"
      onClick={() => {
        edit(
          (all) => ({ ...all, variants: { ...all.variants, [here.key]: intoParts(text, parts) } }),
          t("compose.done.split", { network: nameOf(network), count: parts.length }),
        );
        openTab(here.key);
      }}
    >
      {t("compose.fix_split", { count: parts.length })}
    </Button>
  );
}
