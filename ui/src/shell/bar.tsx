import { clsx } from "clsx";
import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isDesktop } from "@/platform";
import { Button, isApple } from "@/shared";
import { offerOf, useKeys } from "./actions";

/** The bar of a place: its name, one fact, its views; right: quiet actions, then one primary. */
export function Bar({
  title,
  fact,
  views,
  lead,
  actions,
  newPost = false,
}: {
  title: ReactNode;
  fact?: ReactNode;
  views?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  /** "New post" is the primary of this place. */
  newPost?: boolean;
}) {
  return (
    <header
      {...(isDesktop && isApple ? { "data-tauri-drag-region": true } : {})}
      className="flex h-12 shrink-0 items-center gap-3 border-b border-line bg-surface px-5 max-md:h-auto max-md:min-h-12 max-md:flex-wrap max-md:gap-y-1.5 max-md:py-2"
    >
      {lead}
      <div className="flex min-w-0 items-baseline gap-2.5">
        <h1 className="ellipsis text-place text-text">{title}</h1>
        {fact ? <span className="tnum shrink-0 text-base text-text-3">{fact}</span> : null}
      </div>
      {views}
      <div className="ml-auto flex shrink-0 items-center gap-2 max-md:shrink max-md:flex-wrap">
        {actions}
        {newPost ? <NewPost /> : null}
      </div>
    </header>
  );
}

/** The primary action of most places. */
export function NewPost() {
  const { t } = useTranslation();
  const keys = useKeys("post.new");
  return (
    <Button
      kind="primary"
      icon={<Plus size={14} strokeWidth={2} aria-hidden />}
      onClick={() => offerOf("post.new")?.run()}
      {...(keys ? { keys } : {})}
    >
      {t("action.new_post")}
    </Button>
  );
}

/** The row of filters under the bar. */
export function FilterRow({ children, aside }: { children: ReactNode; aside?: ReactNode }) {
  return (
    <div className="flex h-9 shrink-0 items-center gap-2 border-b border-line bg-surface px-5 max-md:h-auto max-md:min-h-9 max-md:flex-wrap max-md:gap-y-1.5 max-md:py-1.5">
      {children}
      {aside ? <div className="ml-auto flex items-center gap-2">{aside}</div> : null}
    </div>
  );
}

/** The body of a place under its bar; scrolls by itself. */
export function Page({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <div className={clsx("min-h-0 flex-1 overflow-y-auto", className)} data-page>
      {children}
    </div>
  );
}
