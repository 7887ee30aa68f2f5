import { clsx } from "clsx";
import { Info, TriangleAlert, X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Remark, RemarkKind } from "@/bindings";
import { Button, IconButton, Menu, machineZone, shortDay } from "@/shared";
import { useGo } from "@/shell/go";
import type { WordKey } from "@/words";
import { keyOfText, replaceTag, withTag } from "./remark-edits";
import { useComposer } from "./use-composer";

/** What is a matter of the persona, not of one post. */
const OF_PERSONA = new Set<RemarkKind>(["tag_case", "tag_fits"]);

/** What was noticed in the words. It stops nothing, and what is dismissed stays so. */
export function Remarks() {
  const { t } = useTranslation();
  const { noticed } = useComposer();
  const remarks = noticed?.remarks ?? [];
  const tags = remarks.filter((one) => one.kind === "tag_fits");
  const others = remarks.filter((one) => one.kind !== "tag_fits");
  const count = others.length + (tags.length > 0 ? 1 : 0);
  if (count === 0) return null;
  return (
    <section aria-label={t("remark.title")} className="border-t border-line px-6 py-3">
      <h2 className="mb-1 text-meta font-strong text-text-2">
        <span role="status">{t("remark.count", { count })}</span>
      </h2>
      <ul>
        {others.map((remark) => (
          <Row key={`${remark.kind} ${remark.about} ${remark.text}`} remark={remark} />
        ))}
        {tags.length > 0 ? <Tags remarks={tags} /> : null}
      </ul>
    </section>
  );
}

function Row({ remark }: { remark: Remark }) {
  const { title, more } = useRemarkWords(remark);
  const warns = remark.severity === "warning";
  return (
    <Line warns={warns} way={<Way remark={remark} />} remarks={[remark]} what={title}>
      <span className={warns ? "font-strong" : ""}>{title}</span>
      {more ? <span className="text-text-2"> {more}</span> : null}
    </Line>
  );
}

function Line({
  warns,
  way,
  remarks,
  what,
  children,
}: {
  warns: boolean;
  way: ReactNode;
  remarks: readonly Remark[];
  what: string;
  children: ReactNode;
}) {
  return (
    <li className="flex min-h-8 items-center gap-2.5 py-1">
      {warns ? (
        <TriangleAlert
          size={15}
          strokeWidth={1.75}
          aria-hidden
          className="shrink-0 text-warn-dot"
        />
      ) : (
        <Info size={15} strokeWidth={1.75} aria-hidden className="shrink-0 text-info-dot" />
      )}
      <p className={clsx("min-w-0 flex-1", !warns && "text-text-2")}>{children}</p>
      {way}
      <Dismiss remarks={remarks} what={what} />
    </li>
  );
}

/** Hashtags that went with such words, each to be put at the end. */
function Tags({ remarks }: { remarks: readonly Remark[] }) {
  const { t } = useTranslation();
  const { edit } = useComposer();
  const way = (
    <span className="flex flex-wrap justify-end gap-1.5">
      {remarks.map((remark) => (
        <Button
          key={remark.about}
          size="row"
          title={t("remark.tag_from", { count: Number(remark.args.posts) })}
          onClick={() =>
            edit(
              (body) => withTag(body, remark, remark.args.tag ?? ""),
              t("remark.done.tag_added", { tag: remark.args.tag }),
            )
          }
        >
          #{remark.args.tag}
        </Button>
      ))}
    </span>
  );
  return (
    <Line warns={false} way={way} remarks={remarks} what={t("remark.tag_fits")}>
      {t("remark.tag_fits")}
    </Line>
  );
}

/** The catalog's words for a remark. */
function useRemarkWords({ kind, args }: Remark): { title: string; more: string | undefined } {
  const { t, i18n } = useTranslation();
  const { persona } = useComposer();
  const language = (code: string | undefined) =>
    code
      ? (new Intl.DisplayNames(i18n.resolvedLanguage, { type: "language" }).of(code) ?? code)
      : "";
  const words = {
    ...args,
    persona: persona.profile.name,
    found: language(args.found),
    chosen: language(args.chosen),
    day: args.at ? shortDay(Number(args.at), machineZone()) : "",
  };
  const key = args.sort ? `remark.${kind}.${args.sort}` : `remark.${kind}`;
  const more = `${key}.more`;
  return {
    title: String(t(key as WordKey, words as never)),
    more: i18n.exists(more) ? String(t(more as WordKey, words as never)) : undefined,
  };
}

/** The way that mends it, or leads to its place. */
function Way({ remark }: { remark: Remark }): ReactNode {
  const { t } = useTranslation();
  const go = useGo();
  const { body, edit, tab, openTab, openPart } = useComposer();
  const { kind, args } = remark;
  if (kind === "tag_case") {
    return (
      <Button
        size="row"
        onClick={() =>
          edit(
            (all) => replaceTag(all, remark, args.tag ?? "", args.better ?? ""),
            t("remark.done.tag_written", { tag: args.better }),
          )
        }
      >
        #{args.better}
      </Button>
    );
  }
  if (kind === "other_language" && args.found) {
    const { found } = args;
    return (
      <Button
        size="row"
        onClick={() =>
          edit(
            (all) => ({ ...all, languages: [found, ...all.languages.slice(1)] }),
            t("remark.done.language"),
          )
        }
      >
        {t("remark.change_language")}
      </Button>
    );
  }
  if (kind === "said_before" && args.content) {
    const { content } = args;
    return (
      <Button size="row" onClick={() => go({ type: "content", id: content })}>
        {t("remark.open")}
      </Button>
    );
  }
  return keyOfText(body, tab) === remark.text || !remark.span ? null : (
    <Button
      size="row"
      onClick={() => {
        openTab(remark.text ? (remark.text as typeof tab.key) : "shared");
        openPart(remark.part);
      }}
    >
      {t("compose.show")}
    </Button>
  );
}

/** "Not again": for this post, or for all of the persona's. */
function Dismiss({ remarks, what }: { remarks: readonly Remark[]; what: string }) {
  const { t } = useTranslation();
  const { persona, dismissRemarks } = useComposer();
  const { name } = persona.profile;
  const kind = remarks[0]?.kind;
  const put = (everywhere: boolean) =>
    dismissRemarks(
      remarks,
      everywhere,
      everywhere ? t("remark.done.everywhere", { persona: name }) : t("remark.done.here"),
    );
  const icon = <X size={13} strokeWidth={2} aria-hidden />;
  const label = t("remark.dismiss", { what });
  if (kind === "sensitive") {
    const entries = [
      { id: "here", label: t("remark.here"), onSelect: () => put(false) },
      {
        id: "everywhere",
        label: t("remark.everywhere", { persona: name }),
        onSelect: () => put(true),
      },
    ];
    return (
      <Menu trigger={<IconButton size="row" label={label} icon={icon} />} groups={[entries]} />
    );
  }
  const everywhere = kind !== undefined && OF_PERSONA.has(kind);
  return <IconButton size="row" label={label} icon={icon} onClick={() => put(everywhere)} />;
}
