import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Body, Checked, LookedAt, Remark } from "@/bindings";
import { newId, useCore } from "@/data";
import { say } from "@/shared";
import { sayProblem } from "@/shell";
import { Latest } from "./latest";

/** Slower than the counts: what is noticed need not follow each key. */
const PAUSE_MS = 200;
/** Where links lead is asked when nobody types any more. */
const REST_MS = 4_000;

/** What was noticed, and in what. */
export interface Noticed {
  remarks: readonly Remark[];
  body: Body;
}

/** Asks the core what is to be noticed in the text, as it is typed. */
export function useChecked({
  persona,
  content,
  body,
  flush,
}: {
  persona: string | undefined;
  content: string;
  body: Body;
  /** Writes what is typed: only what the core knows can have something dismissed in it. */
  flush: () => Promise<void>;
}) {
  const { t } = useTranslation();
  const core = useCore();
  const [noticed, setNoticed] = useState<Noticed>();
  const [round, setRound] = useState(0);
  type Question = { persona: string; body: Body };
  const latest = useRef<Latest<Question, Checked>>(undefined);
  useEffect(() => {
    const made = new Latest<Question, Checked>(
      async (asked) =>
        (await core.query({
          type: "check",
          persona: asked.persona,
          content,
          body: asked.body,
        })) as Checked,
      ({ remarks }, asked) => setNoticed({ remarks, body: asked.body }),
      // Nothing depends on it: what cannot be checked is not spoken of.
      () => setNoticed(undefined),
      PAUSE_MS,
    );
    latest.current = made;
    return () => made.stop();
  }, [core, content]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: after a dismissal it is asked again
  useEffect(() => {
    if (persona) latest.current?.want({ persona, body });
  }, [persona, body, core, content, round]);

  const links = linksOf(body);
  // Who opens a post asks nobody: only what is typed into it is looked at.
  const opened = useRef(links);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew only for other links
  useEffect(() => {
    if (!persona || links === "" || links === opened.current) return;
    opened.current = "";
    const timer = setTimeout(() => {
      core
        .act({ type: "look_at_links", body })
        .then((said) => (said as LookedAt).nowhere > 0 && setRound((round) => round + 1))
        // What cannot be asked is not spoken of.
        .catch(() => undefined);
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [persona, links, core]);

  const dismiss = useCallback(
    (remarks: readonly Remark[], everywhere: boolean, words: string) => {
      if (!persona) return;
      const put = async (dismissed: boolean) => {
        if (!everywhere) await flush();
        for (const { kind, about } of remarks) {
          await core.mutate({
            id: newId(),
            mutation: {
              type: "dismiss_remark",
              persona,
              ...(everywhere ? {} : { content }),
              kind,
              about,
              dismissed,
            },
          });
        }
        setRound((round) => round + 1);
      };
      const go = (dismissed: boolean): void => {
        put(dismissed).catch((error: unknown) => sayProblem(error, () => go(dismissed)));
      };
      go(true);
      setNoticed(
        (now) => now && { ...now, remarks: now.remarks.filter((one) => !remarks.includes(one)) },
      );
      say({
        text: words,
        action: { label: t("compose.undo"), keys: "Mod+Z", onAct: () => go(false) },
      });
    },
    [core, content, persona, flush, t],
  );
  return { noticed, dismissRemarks: dismiss };
}

/** What looks like links in all texts of a post: tells whether there are others than before. */
function linksOf(body: Body): string {
  const texts = [body.shared, ...Object.values(body.variants)].flatMap((one) =>
    one.segments.map((segment) => segment.text),
  );
  return texts.flatMap((text) => text.match(/\S+\.\S*[\p{L}\d/]/gu) ?? []).join(" ");
}
