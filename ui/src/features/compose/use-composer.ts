import { createContext, useContext } from "react";
import type {
  Account,
  Body,
  ContentDetail,
  Network,
  PersonaDetail,
  Prepared,
  Problem,
  Remark,
  Segment,
  Variant,
} from "@/bindings";
import type { Finding } from "./issues";
import type { Kept } from "./keeper";
import type { Tab, TextKey, View } from "./model";
import type { Upload } from "./pictures";
import type { Noticed } from "./use-checked";
import type { When } from "./when";

/** All that the parts of the composer share. */
export interface Composer {
  content: string;
  detail: ContentDetail | undefined;
  persona: PersonaDetail;
  personas: readonly PersonaDetail[];
  networks: readonly Network[];
  accounts: readonly Account[];
  /** What networks are called. */
  nameOf: (network: string) => string;

  body: Body;
  /** Changes what is typed. With words it can be undone from a toast. */
  edit: (change: (body: Body) => Body, words?: string) => void;
  tabs: readonly Tab[];
  tab: Tab;
  openTab: (key: TextKey) => void;
  text: Variant;
  editText: (change: (text: Variant) => Variant, words?: string) => void;
  /** The part with the caret, from 0. */
  at: number;
  part: Segment;
  openPart: (at: number) => void;
  setPersona: (id: string) => void;
  counted: readonly string[];
  setCounted: (networks: readonly string[]) => void;

  prepared: Prepared | undefined;
  /** The body that `prepared` answers for; the typing may be ahead of it. */
  preparedBody: Body | undefined;
  prepareProblem: Problem | undefined;
  views: readonly View[];
  findings: readonly Finding[];
  /** What was noticed in the words. */
  noticed: Noticed | undefined;
  /** Says that something is not to be noticed again, in this post or in all of the persona's. */
  dismissRemarks: (remarks: readonly Remark[], everywhere: boolean, words: string) => void;

  /** Puts words of a model in the place of the part's, as made with AI; a language when it changed. */
  takeWords: (words: string, language?: string) => void;
  /** Puts the parts of a thread in the place of the part, likewise. */
  takeParts: (parts: readonly string[]) => void;

  uploads: readonly Upload[];
  takeFiles: (files: readonly File[]) => void;
  dismissUpload: (id: number) => void;
  /** The picture whose description is being written. */
  describing: string | undefined;
  describe: (asset: string | undefined) => void;

  kept: Kept;
  touched: boolean;
  /** The newest version that this desk knows. */
  base: number;
  when: When;
  setWhen: (when: When) => void;
  grace: number;
  setGrace: (minutes: number) => void;
  /** Networks that can are to keep the time themselves. */
  handOff: boolean;
  setHandOff: (on: boolean) => void;

  /** What was refused last, shown where it belongs. */
  problem: Problem | undefined;
  setProblem: (problem: Problem | undefined) => void;
  busy: "save" | "submit" | undefined;
  save: () => void;
  submit: () => void;
  /** Why it cannot be submitted now. */
  submitOff: string | undefined;
  submitWord: string;
  /** Makes an older version the newest; what is typed becomes a version before it. */
  restore: ((from: number, body: Body) => void) | undefined;
  duplicate: () => void;
  /** Moves what was typed into a copy, so that this content stays as approved. */
  writeInCopy: () => void;
  discard: () => void;
  archive: () => void;
  cancelSending: (() => void) | undefined;
  /** Takes the newest version as known and keeps what is typed. */
  takeBase: (n: number) => void;
}

/** What the parts read. Around all but the text fields it follows the typing at leisure. */
export const ComposerContext = createContext<Composer | undefined>(undefined);
/** The newest state, for what is typed into. */
export const NowContext = createContext<Composer | undefined>(undefined);
/** The state that follows at leisure, for parts inside the text's own. */
export const LaterContext = createContext<Composer | undefined>(undefined);

export function useComposer(): Composer {
  return inside(useContext(ComposerContext));
}

/** The newest state: a key press shows at once, whatever else there is to draw. */
export function useComposerNow(): Composer {
  return inside(useContext(NowContext));
}

function inside(composer: Composer | undefined): Composer {
  if (!composer) throw new Error("outside the composer");
  return composer;
}

/** What a refused call said of the fields whose path begins so. */
export function fieldProblem(problem: Problem | undefined, path: RegExp): string | undefined {
  return Object.entries(problem?.fields ?? {}).find(([key]) => path.test(key))?.[1];
}
