import { Globe } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNow } from "@/shared/use-now";
import type { Draft } from "./model";

/** The site as it will be, while one writes. */
export function SitePreview({ draft, path }: { draft: Draft; path: string }) {
  const { t } = useTranslation();
  const now = useNow();
  const [picture, setPicture] = useState<string | undefined>();
  useEffect(() => {
    if (!draft.picture) return setPicture(undefined);
    const url = URL.createObjectURL(draft.picture);
    setPicture(url);
    return () => URL.revokeObjectURL(url);
  }, [draft.picture]);

  const day = new Intl.DateTimeFormat(draft.language === "en" ? "en-GB" : draft.language, {
    dateStyle: "full",
    timeZone: draft.zone,
  }).format(now);
  return (
    <aside
      aria-label={t("first.preview")}
      className="flex min-w-0 flex-1 flex-col border-l border-line bg-bg px-[min(64px,4vw)] pt-[min(62px,6vh)]"
    >
      <p className="flex items-center justify-between gap-4 pb-2.5 text-meta text-text-3">
        <span className="flex shrink-0 items-center gap-2">
          <Globe size={13} strokeWidth={1.75} aria-hidden />
          {t("first.preview")}
        </span>
        <span className="ellipsis" dir="ltr">
          {path ? `${path}/index.html` : ""}
        </span>
      </p>
      <article
        lang={draft.language}
        dir="auto"
        className="min-h-0 flex-1 overflow-y-auto rounded-t-pop bg-raised px-[8%] pt-11 shadow-float"
      >
        <header className="flex items-baseline justify-between gap-4 border-b border-line pb-4">
          <span className="font-serif text-[1.25rem] leading-7 font-strong">
            {draft.name.trim() || t("first.name")}
          </span>
        </header>
        <p className="pt-7 text-text-2">{day}</p>
        <p className="pt-2 font-serif text-[1.375rem] leading-8 whitespace-pre-wrap [overflow-wrap:anywhere]">
          {draft.text || <span className="text-text-3">{t("first.preview_text")}</span>}
        </p>
        {picture ? (
          <figure className="pt-5 pb-8">
            <img src={picture} alt={draft.alt} className="w-full rounded-key" />
            {draft.alt ? <figcaption className="pt-2.5 text-text-2">{draft.alt}</figcaption> : null}
          </figure>
        ) : null}
      </article>
    </aside>
  );
}
