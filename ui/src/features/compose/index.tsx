import { Navigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContentDetail, Network, PersonaDetail, Planned } from "@/bindings";
import { newId, useAnswer } from "@/data";
import { Button, EmptyState, MarkOutline } from "@/shared";
import { Bar, ProblemState } from "@/shell";
import { useGo } from "@/shell/go";
import { Desk } from "./desk";
import { emptyBody } from "./model";
import { rescueOf } from "./rescue";
import { DeskSkeleton } from "./skeleton";
import type { Start } from "./use-desk";

/** What a link to a new content may say. */
export interface ComposeSearch {
  persona?: string;
  /** A wall-clock time, as `YYYY-MM-DDTHH:MM`, and its zone. */
  at?: string;
  zone?: string;
  /** Words to begin with. */
  text?: string;
}

const LAST = "rostrum.compose.persona";

/** Where a content is written. */
export function Compose() {
  const { t } = useTranslation();
  const go = useGo();
  const { content: asked } = useParams({ strict: false }) as { content?: string };
  const search = useSearch({ strict: false }) as ComposeSearch;
  const fresh = useFreshId(asked, search.text);
  const content = asked ?? fresh;
  // What this window has made itself is not read back while it is written.
  const isFresh = content === fresh;

  const personas = useAnswer({ type: "personas" });
  const networks = useAnswer({ type: "networks" });
  const [known, setKnown] = useState<string>();
  const detail = useAnswer(
    { type: "content", id: content },
    { enabled: !isFresh || known === content },
  );
  const at = search.at && search.zone ? { wall: search.at, zone: search.zone } : undefined;
  const planned = useAnswer(
    { type: "resolve_time", wall: at?.wall ?? "", zone: at?.zone ?? "" },
    { enabled: at !== undefined && isFresh },
  );

  const opened = useRef<string>(undefined);
  const rescued = useMemo(() => rescueOf(content), [content]);
  const failed = personas.error ?? networks.error ?? (isFresh || rescued ? null : detail.error);
  if (failed) {
    return (
      <>
        <Bar title={t("place.compose")} />
        <ProblemState
          error={failed}
          onAgain={() => {
            void personas.refetch();
            void networks.refetch();
            if (!isFresh) void detail.refetch();
          }}
          className="m-6 max-w-xl"
        />
      </>
    );
  }
  const waits =
    !personas.data ||
    !networks.data ||
    (!isFresh && !detail.data && !(rescued && detail.error)) ||
    // A desk begins with what the core has now, not with what was read a while ago.
    (!isFresh && detail.isFetching && opened.current !== content) ||
    (at !== undefined && isFresh && planned.isPending && !planned.error);
  if (waits) return <DeskSkeleton />;

  const usable = personas.data.filter((persona) => !persona.archived);
  if (usable.length === 0) {
    return (
      <>
        <Bar title={t("place.compose")} />
        <EmptyState
          picture={<MarkOutline size={40} />}
          title={t("compose.no_persona")}
          body={t("compose.no_persona_body")}
          actions={
            <Button kind="primary" onClick={() => go({ type: "personas" })}>
              {t("compose.no_persona_way")}
            </Button>
          }
        />
      </>
    );
  }
  // What is open here stays open should it begin to go out: what was typed can go on in a copy.
  const locked = detail.data !== undefined && !detail.data.can_edit;
  if (!locked) opened.current = content;
  if (locked && opened.current !== content && !rescued) {
    return <Navigate to="/content/$content" params={{ content }} replace />;
  }
  return (
    <Opened
      key={content}
      content={content}
      isFresh={isFresh}
      detail={detail.data}
      personas={usable}
      networks={networks.data}
      wanted={search.persona}
      words={search.text}
      {...(planned.data ? { planned: planned.data } : {})}
      onKnown={(id) => {
        setKnown(id);
        if (!asked) go({ type: "edit", id }, { replace: true });
      }}
    />
  );
}

/**
 * One new id for as long as nobody opens another content or brings other words to begin with, then
 * the next.
 */
function useFreshId(asked: string | undefined, words: string | undefined): string {
  const made = useRef<{ id: string; used: boolean; words: string | undefined }>(undefined);
  const stale = made.current?.used || made.current?.words !== words;
  if (!made.current || (asked === undefined && stale)) {
    made.current = { id: newId(), used: false, words };
  }
  if (asked !== undefined) made.current.used = true;
  return made.current.id;
}

function Opened({
  content,
  isFresh,
  detail,
  personas,
  networks,
  wanted,
  words,
  planned,
  onKnown,
}: {
  content: string;
  isFresh: boolean;
  detail: ContentDetail | undefined;
  personas: readonly PersonaDetail[];
  networks: readonly Network[];
  wanted: string | undefined;
  words: string | undefined;
  planned?: Planned;
  onKnown: (content: string) => void;
}) {
  const [start] = useState((): Start => {
    const rescue = rescueOf(content);
    const persona =
      detail?.row.persona.id ??
      rescue?.persona ??
      wanted ??
      window.localStorage.getItem(LAST) ??
      personas[0]?.id ??
      "";
    const voice = personas.find((one) => one.id === persona) ?? personas[0];
    const written = detail?.working?.body ?? detail?.version?.doc.body;
    const body =
      rescue?.body ??
      written ??
      emptyBody(
        (voice?.accounts ?? [])
          .filter((account) => account.status !== "disconnected")
          .map((account) => account.id),
        voice?.profile.language ?? "",
        words,
      );
    return {
      content,
      known: !isFresh && detail !== undefined,
      persona: voice?.id ?? persona,
      body,
      base: detail?.working?.base ?? detail?.row.n ?? 0,
      unkept: rescue !== undefined,
      keptAt: detail?.working ? Date.parse(detail.working.at) : undefined,
      ...(planned ? { planned } : {}),
    };
  });
  useEffect(() => {
    window.localStorage.setItem(LAST, start.persona);
  }, [start.persona]);
  return (
    <Desk start={start} detail={detail} personas={personas} networks={networks} onKnown={onKnown} />
  );
}
