import { clsx } from "clsx";
import { createContext, Fragment, useContext } from "react";
import { cutAt, type Highlight } from "./highlights";

interface Chosen {
  id: string | undefined;
  choose: (id: string) => void;
}

/** Which of the highlighted words are looked at. */
export const HighlightContext = createContext<Chosen>({ id: undefined, choose: () => {} });

/** A stretch of a text with brass under the words that notes are about. */
export function Highlighted({
  text,
  from,
  highlights,
}: {
  text: string;
  /** Where it begins in the whole text, in characters. */
  from: number;
  highlights: readonly Highlight[];
}) {
  const chosen = useContext(HighlightContext);
  return cutAt(text, from, highlights).map(({ text: words, id, at }) =>
    id === undefined ? (
      <Fragment key={at}>{words}</Fragment>
    ) : (
      // The note itself is in the list beside, which keys reach.
      // biome-ignore lint/a11y/useKeyWithClickEvents: see above
      <mark
        key={at}
        data-note={id}
        onClick={() => chosen.choose(id)}
        className={clsx("noted", chosen.id === id && "noted-chosen")}
      >
        {words}
      </mark>
    ),
  );
}
