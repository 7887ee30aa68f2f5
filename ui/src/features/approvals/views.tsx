import type { TFunction } from "i18next";
import { ChevronRight, ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { PreparedTarget, RequestDetail } from "@/bindings";
import { useAnswer } from "@/data";
import { Chip, DiffCounts, NetworkTile, networkName, WordDiff } from "@/shared";
import { optionChanges } from "@/shared/options";
import { PreparedText } from "@/shared/prepared-text";
import { machineZone, shortDay } from "@/shared/time";
import { Beside, useHighlights } from "../notes";
import { ChosenOptions } from "./options";
import { Pictures } from "./pictures";
import { PostPreview } from "./preview";
import { type TargetText, textOf } from "./texts";

export type View = "preview" | "changes" | "text";

interface Props {
  request: RequestDetail;
  texts: readonly TargetText[];
  /** The one that is looked at. */
  shown: TargetText;
  onShow: (identity: string) => void;
}

/** Since which version, by whom, how many words. */
export function SinceStrip({ request, shown }: { request: RequestDetail; shown: TargetText }) {
  const { t } = useTranslation();
  const { before } = request;
  const zone = machineZone();
  return (
    <div className="flex min-h-9 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-inset px-7 py-1.5 text-meta max-sm:px-4">
      {before ? (
        <>
          <span className="font-medium text-text">{t("approvals.since", { n: before.row.n })}</span>
          <span className="tnum text-text-3">
            {before.row.by
              ? t("approvals.since_by", {
                  person: before.row.by.name,
                  day: shortDay(before.row.at, zone),
                })
              : shortDay(before.row.at, zone)}
          </span>
          {shown.before ? (
            <Changed shown={shown} before={shown.before} />
          ) : (
            <Chip tone="info">{t("approvals.new_target")}</Chip>
          )}
        </>
      ) : (
        <span className="text-text-2">{t("approvals.never_approved")}</span>
      )}
      <span className="tnum ml-auto text-text-2">{t("approvals.version", { n: request.n })}</span>
    </div>
  );
}

/** How many words and how many choices beside them are other than before. */
function Changed({ shown, before }: { shown: TargetText; before: PreparedTarget }) {
  const { t } = useTranslation();
  const { added, removed } = shown;
  const options = optionChanges(before.options, shown.target.options, t).length;
  return (
    <>
      {added + removed > 0 || options === 0 ? <DiffCounts added={added} removed={removed} /> : null}
      {options > 0 ? (
        <Chip tone="warn">{t("approvals.options_changed", { count: options })}</Chip>
      ) : null}
    </>
  );
}

/** The text of one account with what changed in it, then its pictures and the other texts. */
export function ChangesView({ request, texts, shown, onShow }: Props) {
  const { doc } = request.version;
  const lang = shown.target.languages[0];
  const title = shown.target.title;
  const oldTitle = shown.before?.title;
  const noted = useHighlights(shown.identity, shown.network);
  return (
    <>
      {title !== undefined && oldTitle !== undefined && title !== oldTitle ? (
        <WordDiff before={oldTitle} after={title} className="mb-3 text-title" />
      ) : null}
      <Beside>
        <div className="max-w-[520px]">
          {shown.before ? (
            <WordDiff
              before={shown.was}
              after={shown.text}
              highlights={noted.joined}
              {...noted.attributes}
              {...(lang ? { lang } : {})}
            />
          ) : (
            <PlainText shown={shown} />
          )}
        </div>
      </Beside>
      <ChosenOptions target={shown.target} before={shown.before} />
      <Pictures
        target={shown.target}
        before={shown.before}
        beforeN={request.before?.row.n}
        media={doc.media}
        lang={lang}
      />
      <OtherTexts request={request} texts={texts} shown={shown} onShow={onShow} changes />
    </>
  );
}

/** As it will look, account by account. */
export function PreviewView({ request, texts, shown, onShow }: Props) {
  const accounts = useAnswer({ type: "accounts" }).data;
  return (
    <>
      <Beside>
        <PostPreview
          target={shown.target}
          account={accounts?.find((one) => one.id === shown.identity)}
          persona={request.row.persona}
        />
      </Beside>
      <OtherTexts request={request} texts={texts} shown={shown} onShow={onShow} />
    </>
  );
}

/** All words and nothing but words. */
export function TextView({ request, texts }: Props) {
  const { t } = useTranslation();
  const groups = groupEqual(texts);
  return (
    <>
      <Beside>
        {groups.map((group) => {
          const [shown] = group;
          if (!shown) return null;
          const names = group.map((one) => networkName(one.network, t("network.site")));
          return (
            <section key={shown.identity} className="mb-6 max-w-[520px]">
              <h3 className="mb-2 flex items-center gap-2 text-meta text-text-2">
                {group.map((one) => (
                  <NetworkTile
                    key={one.identity}
                    network={one.network}
                    name={networkName(one.network, t("network.site"))}
                  />
                ))}
                {names.join(", ")}
              </h3>
              <PlainText shown={shown} />
              <ChosenOptions target={shown.target} before={undefined} />
              <Pictures
                target={shown.target}
                before={undefined}
                beforeN={undefined}
                media={request.version.doc.media}
                lang={shown.target.languages[0]}
              />
            </section>
          );
        })}
      </Beside>
      <TiedNote n={request.n} />
    </>
  );
}

/** Accounts that get the same words stand together. */
function groupEqual(texts: readonly TargetText[]): TargetText[][] {
  const groups = new Map<string, TargetText[]>();
  for (const one of texts) {
    const key = JSON.stringify([
      one.target.segments.map((s) => [s.text, s.media]),
      one.target.options,
    ]);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()];
}

function PlainText({ shown }: { shown: TargetText }) {
  const { t } = useTranslation();
  const { segments, languages } = shown.target;
  const noted = useHighlights(shown.identity, shown.network);
  return (
    <div className="flex flex-col gap-4">
      {segments.map((segment, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of a version never move
        <div key={at}>
          {segments.length > 1 ? (
            <p className="tnum mb-0.5 text-axis text-text-3">
              {t("approvals.part", { n: at + 1, of: segments.length })}
            </p>
          ) : null}
          <PreparedText
            text={segment.text}
            marks={segment.marks}
            lang={languages[0]}
            highlights={noted.parts[at] ?? []}
            {...noted.attributes}
            data-note-part={at}
            className="font-serif text-diff"
          />
        </div>
      ))}
    </div>
  );
}

/** The other accounts: shared or own text, what changed there; one press shows it above. */
function OtherTexts({
  request,
  texts,
  shown,
  onShow,
  changes = false,
}: Props & { changes?: boolean }) {
  const { t } = useTranslation();
  const others = texts.filter((one) => one.identity !== shown.identity);
  return (
    <>
      {others.length > 0 ? (
        <section className="mt-6 border-t border-line pt-4" aria-labelledby="other-texts">
          <h3 id="other-texts" className="mb-1 text-meta font-strong">
            {t("approvals.other_texts")}
          </h3>
          <ul>
            {others.map((one) => (
              <li key={one.identity}>
                <button
                  type="button"
                  onClick={() => onShow(one.identity)}
                  className="flex h-[34px] w-full items-center gap-2.5 border-b border-line text-left text-meta hover:bg-hover max-md:h-11"
                >
                  <NetworkTile
                    network={one.network}
                    name={networkName(one.network, t("network.site"))}
                  />
                  <span className="w-20 shrink-0 font-medium">
                    {networkName(one.network, t("network.site"))}
                  </span>
                  <span className="ellipsis flex-1 text-text-2">{kindOf(one, shown, t)}</span>
                  {changes ? (
                    <span className="shrink-0 text-text-2">{changeOf(one, t)}</span>
                  ) : null}
                  <ChevronRight size={14} strokeWidth={1.75} aria-hidden className="text-text-3" />
                </button>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <TiedNote n={request.n} />
    </>
  );
}

function kindOf(one: TargetText, shown: TargetText, t: TFunction): string {
  if (!one.own) {
    return textOf(one.target) === textOf(shown.target)
      ? t("approvals.shared_text")
      : t("approvals.shared_text_cut", { count: one.target.segments.length });
  }
  return t("approvals.own_text", { count: [...one.text].length });
}

function changeOf(one: TargetText, t: TFunction): string {
  if (!one.before) return t("approvals.new_target");
  const words = one.added + one.removed;
  const options = optionChanges(one.before.options, one.target.options, t).length;
  const changes = [
    words > 0 && t("approvals.words_changed", { count: words }),
    options > 0 && t("approvals.options_changed", { count: options }),
  ].filter(Boolean);
  return changes.length === 0 ? t("diff.no_change") : changes.join(", ");
}

function TiedNote({ n }: { n: number }) {
  const { t } = useTranslation();
  return (
    <p className="mt-4 flex items-start gap-2 text-meta text-text-2">
      <ShieldCheck size={14} strokeWidth={1.75} aria-hidden className="mt-px shrink-0" />
      {t("approvals.tied", { n })}
    </p>
  );
}
