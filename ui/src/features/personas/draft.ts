import { useEffect, useState } from "react";
import type { PersonaDetail, PersonaProfile } from "@/bindings";
import { useChange } from "@/data";
import { sayProblem } from "@/shell/problem";

/** Empty lines are typing that stopped; they are not kept. */
export function tidied(profile: PersonaProfile): PersonaProfile {
  const lines = (values: readonly string[]) =>
    values.map((value) => value.trim()).filter((value) => value !== "");
  const { voice } = profile;
  return {
    ...profile,
    name: profile.name.trim(),
    voice: {
      tone: voice.tone.trim(),
      dos: lines(voice.dos),
      donts: lines(voice.donts),
      samples: lines(voice.samples),
    },
    audiences: profile.audiences
      .map((one) => ({
        ...one,
        name: one.name.trim(),
        notes: one.notes.trim(),
        interests: lines(one.interests),
      }))
      .filter((one) => one.name !== "" || one.interests.length > 0 || one.notes !== ""),
    slots: sortedSlots(profile.slots),
  };
}

/** By weekday, then by time; the same time once. */
export function sortedSlots(slots: PersonaProfile["slots"]): PersonaProfile["slots"] {
  const seen = new Set<number>();
  return [...slots]
    .sort((a, b) => a.weekday - b.weekday || a.minute - b.minute)
    .filter((slot) => {
      const key = slot.weekday * 1440 + slot.minute;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}

/** What is typed about a persona until it is saved. */
export function useDraft(persona: PersonaDetail) {
  const [draft, setDraft] = useState(persona.profile);
  const change = useChange();
  const kept = JSON.stringify(persona.profile);
  const dirty = JSON.stringify(tidied(draft)) !== JSON.stringify(tidied(persona.profile));

  // Another answer of the core replaces what is typed only when nothing was typed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the kept profile alone
  useEffect(() => {
    if (!change.isPending) setDraft(persona.profile);
  }, [kept, persona.id]);

  const save = (profile = tidied(draft)) =>
    change.mutate(
      {
        mutation: {
          type: "save_persona",
          id: persona.id,
          profile,
          ...(persona.chain ? { chain: persona.chain.id } : {}),
        },
      },
      { onError: (error) => sayProblem(error) },
    );
  return {
    draft,
    edit: (part: Partial<PersonaProfile>) => setDraft((old) => ({ ...old, ...part })),
    dirty,
    save,
    discard: () => setDraft(persona.profile),
    busy: change.isPending,
  };
}

export type Draft = ReturnType<typeof useDraft>;
