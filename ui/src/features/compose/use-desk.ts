import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type {
  Body,
  ContentDetail,
  Network,
  PersonaDetail,
  Planned,
  Prepared,
  Problem,
} from "@/bindings";
import { newId, useCore } from "@/data";
import { problemOf } from "@/platform";
import { networkName, say } from "@/shared";
import { findingsOf } from "./issues";
import { Keeper, type Kept } from "./keeper";
import { Latest } from "./latest";
import {
  editPart,
  editText,
  emptySegment,
  sameBody,
  type TextKey,
  tabsOf,
  textOf,
  viewsOf,
} from "./model";
import { useImports } from "./pictures";
import { countedOf, dropRescue, keepCounted, putRescue } from "./rescue";
import { useChecked } from "./use-checked";
import type { Composer } from "./use-composer";
import { useSending } from "./use-sending";
import { DEFAULT_GRACE, type When, whenOf } from "./when";

/** What a desk starts with. */
export interface Start {
  content: string;
  /** The core knows the content. */
  known: boolean;
  persona: string;
  body: Body;
  base: number;
  /** The body is not kept by the core yet. */
  unkept: boolean;
  keptAt: number | undefined;
  planned?: Planned;
}

/** The state of one composer. */
export function useDesk({
  start,
  detail,
  personas,
  networks,
  onKnown,
}: {
  start: Start;
  detail: ContentDetail | undefined;
  personas: readonly PersonaDetail[];
  networks: readonly Network[];
  /** The core has the content from now on. */
  onKnown: (content: string) => void;
}): Composer | undefined {
  const { t } = useTranslation();
  const core = useCore();
  const { content } = start;

  const [personaId, setPersonaId] = useState(start.persona);
  const persona = personas.find((one) => one.id === personaId) ?? personas[0];
  const accounts = persona?.accounts ?? [];

  const [body, setBody] = useState(start.body);
  const [touched, setTouched] = useState(start.unkept);
  const [kept, setKept] = useState<Kept>(
    start.keptAt === undefined ? { state: "none" } : { state: "kept", at: start.keptAt },
  );
  const [base, setBase] = useState(start.base);
  const now = useRef({ body, persona: personaId, base });
  now.current.persona = persona?.id ?? personaId;
  now.current.base = base;

  const known = useRef(onKnown);
  known.current = onKnown;
  const keeper = useRef<Keeper<Body>>(undefined);
  useEffect(() => {
    let here = true;
    const made = new Keeper<Body>(async (typed) => {
      await core.mutate({
        id: newId(),
        mutation: {
          type: "save_working_copy",
          content,
          persona: now.current.persona,
          body: typed,
          base: now.current.base,
        },
      });
      if (now.current.body === typed) dropRescue(content);
      // A last write on the way out must not lead back.
      if (here) known.current(content);
    }, setKept);
    keeper.current = made;
    if (start.unkept) made.touch(now.current.body);
    const leave = () => void made.flush();
    window.addEventListener("pagehide", leave);
    window.addEventListener("blur", leave);
    document.addEventListener("visibilitychange", leave);
    return () => {
      here = false;
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("blur", leave);
      document.removeEventListener("visibilitychange", leave);
      void made.close();
    };
  }, [core, content, start.unkept]);

  const put = useCallback(
    (next: Body) => {
      now.current.body = next;
      setBody(next);
      setTouched(true);
      putRescue(content, { persona: now.current.persona, body: next, at: Date.now() });
      keeper.current?.touch(next);
    },
    [content],
  );
  const edit = useCallback(
    (change: (body: Body) => Body, words?: string) => {
      const before = now.current.body;
      const next = change(before);
      if (next === before) return;
      put(next);
      if (words) {
        say({
          text: words,
          action: { label: t("compose.undo"), keys: "Mod+Z", onAct: () => put(before) },
        });
      }
    },
    [put, t],
  );

  const [counted, setCounted] = useState(() => countedOf(personaId));
  const tabs = useMemo(() => tabsOf(body, accounts, counted), [body, accounts, counted]);
  const [key, setKey] = useState<TextKey>("shared");
  const tab = tabs.find((one) => one.key === key) ?? tabs[0];
  const text = tab ? textOf(body, tab) : body.shared;
  const [chosen, setAt] = useState(0);
  const at = Math.max(0, Math.min(chosen, text.segments.length - 1));

  const { prepared, preparedBody, prepareProblem } = usePrepared(
    persona?.id,
    body,
    counted,
    accounts,
  );
  const flush = useCallback(async () => {
    await keeper.current?.flush();
  }, []);
  const checked = useChecked({ persona: persona?.id, content, body, flush });
  const views = useMemo(() => viewsOf(prepared, preparedBody), [prepared, preparedBody]);
  const findings = useMemo(() => findingsOf(tabs, views), [tabs, views]);

  const { uploads, take, dismiss } = useImports((asset) => {
    if (!tab) return;
    const use = { asset: asset.facts.hash };
    edit((all) =>
      editText(all, tab, (variant) =>
        editPart(variant, at, (part) => ({ ...part, media: [...part.media, use] })),
      ),
    );
  });
  const [describing, describe] = useState<string>();

  const deliveries = detail?.deliveries ?? [];
  const [ownWhen, setOwnWhen] = useState<When | undefined>(
    start.planned ? { mode: "at", planned: start.planned } : undefined,
  );
  const when: When = ownWhen ?? whenOf(deliveries) ?? { mode: "approved" };
  const [ownGrace, setGrace] = useState<number>();
  const grace = ownGrace ?? deliveries.find((one) => one.grace)?.grace ?? DEFAULT_GRACE;

  const [ownHandOff, setHandOff] = useState<boolean>();
  const handOff = ownHandOff ?? deliveries.some((one) => one.hand_off);

  const [problem, setProblem] = useState<Problem>();
  const sending = useSending({
    content,
    personaId: persona?.id ?? personaId,
    body,
    blank: () => now.current.body,
    base,
    setBase,
    detail,
    when,
    timeTouched: ownWhen !== undefined || ownGrace !== undefined || ownHandOff !== undefined,
    grace,
    keep:
      ownHandOff === undefined
        ? undefined
        : (identity) =>
            ownHandOff &&
            accounts.some((one) => one.id === identity && one.keeps_time !== undefined),
    findings,
    prepared,
    keeper,
    known: kept.state === "kept" || start.known,
    onRestored: (restored) => {
      now.current.body = restored;
      setBody(restored);
      setTouched(false);
      setKept({ state: "none" });
      setProblem(undefined);
      dropRescue(content);
    },
    onSaved: (saved) => {
      setProblem(undefined);
      const same = sameBody(now.current.body, saved);
      if (same) {
        dropRescue(content);
        setTouched(false);
        setKept({ state: "none" });
      } else keeper.current?.touch(now.current.body);
      known.current(content);
    },
    onRefused: (error) => {
      keeper.current?.touch(now.current.body);
      setProblem(problemOf(error));
    },
    onProblem: (error) => setProblem(problemOf(error)),
  });

  const part = text.segments[at] ?? emptySegment();
  if (!persona || !tab) return undefined;
  return {
    content,
    detail,
    persona,
    personas,
    networks,
    accounts,
    nameOf: (network) =>
      networks.find((one) => one.id === network && network !== "site")?.name ??
      networkName(network, t("network.site")),
    body,
    edit,
    tabs,
    tab,
    openTab: (next) => {
      setKey(next);
      setAt(0);
    },
    text,
    editText: (change, words) => edit((all) => editText(all, tab, change), words),
    takeWords: (words, language) =>
      edit((all) => {
        const next = editText(all, tab, (text) => ({
          ...editPart(text, at, (one) => ({ ...one, text: words })),
          options: { ...text.options, made_with_ai: true },
        }));
        return language && tab.key === "shared"
          ? { ...next, languages: [language, ...next.languages.slice(1)] }
          : next;
      }, t("writing.taken")),
    takeParts: (parts) =>
      edit(
        (all) =>
          editText(all, tab, (text) => ({
            ...text,
            segments: text.segments.flatMap((one, n) =>
              n === at
                ? parts.map((words, i) => ({ text: words, media: i === 0 ? one.media : [] }))
                : [one],
            ),
            options: { ...text.options, made_with_ai: true },
          })),
        t("writing.taken"),
      ),
    at,
    part,
    openPart: setAt,
    setPersona: (id) => {
      const next = personas.find((one) => one.id === id);
      if (!next) return;
      now.current.persona = id;
      setPersonaId(id);
      setCounted(countedOf(id));
      setKey("shared");
      edit((all) => ({
        ...all,
        targets: next.accounts
          .filter((account) => account.status !== "disconnected")
          .map((account) => account.id),
        languages: next.profile.language ? [next.profile.language] : all.languages,
      }));
    },
    counted,
    setCounted: (list) => {
      setCounted([...list]);
      keepCounted(persona.id, list);
    },
    prepared,
    preparedBody,
    prepareProblem,
    views,
    findings,
    ...checked,
    uploads,
    takeFiles: take,
    dismissUpload: dismiss,
    describing,
    describe,
    kept,
    touched,
    base,
    when,
    setWhen: (next) => {
      setOwnWhen(next);
      setProblem(undefined);
    },
    grace,
    setGrace,
    handOff,
    setHandOff,
    problem,
    setProblem,
    takeBase: setBase,
    ...sending,
  };
}

/** Asks the core what each network gets, as it is typed. */
function usePrepared(
  persona: string | undefined,
  body: Body,
  counted: readonly string[],
  accounts: unknown,
) {
  const core = useCore();
  const [state, setState] = useState<{ prepared?: Prepared; body?: Body; problem?: Problem }>({});
  type Question = { persona: string; body: Body; counted: readonly string[] };
  const latest = useRef<Latest<Question, Prepared>>(undefined);
  useEffect(() => {
    const made = new Latest<Question, Prepared>(
      async (asked) =>
        (await core.query({
          type: "prepare",
          persona: asked.persona,
          body: asked.body,
          ...(asked.counted.length > 0 ? { counted: [...asked.counted] } : {}),
        })) as Prepared,
      (prepared, asked) => setState({ prepared, body: asked.body }),
      // The last answer stays in sight, with a word that it is old.
      (error) => setState((last) => ({ ...last, problem: problemOf(error) })),
    );
    latest.current = made;
    return () => made.stop();
  }, [core]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an account's new limits are asked for again
  useEffect(() => {
    if (persona) latest.current?.want({ persona, body, counted });
  }, [persona, body, counted, accounts, core]);
  return { prepared: state.prepared, preparedBody: state.body, prepareProblem: state.problem };
}
