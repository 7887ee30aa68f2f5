import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Network, Problem } from "@/bindings";
import { useAct, useChange } from "@/data";
import { problemOf } from "@/platform";
import { base64, bodyOf, type Draft, newNames, profileOf, siteFields } from "./model";

type Step = "begin" | "persona" | "site" | "picture" | "post";

/**
 * Sets up the organization, the persona and its site, and sends the first post. What is done stays
 * done: after a failure the same press goes on where it stopped.
 */
export function useBegin(site: Network | undefined) {
  const { t } = useTranslation();
  const names = useRef(newNames()).current;
  const done = useRef(new Map<Step, string | true>()).current;
  const [at, setAt] = useState<Step | undefined>();
  const [problem, setProblem] = useState<Problem | undefined>();
  const change = useChange();
  const begin = useAct<"begin">();
  const connect = useAct<"connect">();
  const importAsset = useAct<"import_asset">();
  const submit = useAct<"submit">();

  async function once(step: Step, run: () => Promise<string | true>): Promise<string | undefined> {
    const before = done.get(step);
    if (before !== undefined) return before === true ? undefined : before;
    setAt(step);
    const made = await run();
    done.set(step, made);
    return made === true ? undefined : made;
  }

  async function house(draft: Draft): Promise<void> {
    const person = draft.person.trim() || t("first.me");
    await once("begin", async () => {
      await begin.mutateAsync({ act: { type: "begin", person, person_id: names.person } });
      return true;
    });
    if (!draft.name.trim()) return;
    await once("persona", async () => {
      const profile = profileOf(draft, t(`first.sound.${draft.sound}.tone`), [
        t(`first.sound.${draft.sound}.rule`),
      ]);
      await change.mutateAsync({ mutation: { type: "save_persona", id: names.persona, profile } });
      return true;
    });
    await once("site", async () => {
      await connect.mutateAsync({
        act: {
          type: "connect",
          id: names.identity,
          persona: names.persona,
          network: "site",
          fields: siteFields(site, { ...draft, person }),
        },
      });
      return true;
    });
  }

  async function post(draft: Draft): Promise<void> {
    const { picture } = draft;
    const asset = picture
      ? await once("picture", async () => {
          const data = await base64(picture);
          const made = await importAsset.mutateAsync({
            act: { type: "import_asset", name: picture.name, data },
          });
          return made.facts.hash;
        })
      : undefined;
    await once("post", async () => {
      await submit.mutateAsync({
        act: {
          type: "submit",
          content: names.content,
          persona: names.persona,
          body: bodyOf(draft, names.identity, asset),
          base: 0,
          deliveries: [{ id: names.delivery, identity: names.identity }],
          request: names.request,
        },
      });
      return true;
    });
  }

  /** True when everything was done. */
  async function run(work: () => Promise<void>): Promise<boolean> {
    setProblem(undefined);
    try {
      await work();
      return true;
    } catch (error) {
      setProblem(problemOf(error));
      return false;
    } finally {
      setAt(undefined);
    }
  }

  return {
    at,
    problem,
    delivery: names.delivery,
    /** Another picture is another import. */
    forgetPicture: () => done.delete("picture"),
    publish: (draft: Draft) =>
      run(async () => {
        await house(draft);
        await post(draft);
      }),
    skip: (draft: Draft) => run(() => house(draft)),
  };
}
