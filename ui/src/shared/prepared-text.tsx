import { clsx } from "clsx";
import { type ReactNode, useMemo } from "react";
import type { Mark } from "@/bindings";
import { Highlighted } from "./highlighted";
import type { Highlight } from "./highlights";

export interface Piece {
  text: string;
  kind?: "link" | "mention" | "tag";
  /** Where the piece begins, in bytes: pieces never share it. */
  at: number;
}

/** Cuts a prepared text at its marks, whose offsets are UTF-8 bytes. */
export function piecesOf(text: string, marks: readonly Mark[]): Piece[] {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const cut = (from: number, to: number) => decoder.decode(bytes.slice(from, to));
  const pieces: Piece[] = [];
  let at = 0;
  for (const mark of marks) {
    // A mark that overlaps or leaves the text is the core's fault; the words still stand.
    if (mark.start < at || mark.end > bytes.length || mark.end <= mark.start) continue;
    if (mark.start > at) pieces.push({ text: cut(at, mark.start), at });
    pieces.push({ text: cut(mark.start, mark.end), kind: mark.kind.type, at: mark.start });
    at = mark.end;
  }
  if (at < bytes.length) pieces.push({ text: cut(at, bytes.length), at });
  return pieces;
}

/** A text as it goes out, with what the network turns into links. */
export function PreparedText({
  text,
  marks,
  lang,
  className,
  highlights = [],
  ...rest
}: {
  text: string;
  marks: readonly Mark[];
  lang?: string | undefined;
  className?: string;
  /** Words that notes are about. */
  highlights?: readonly Highlight[];
}) {
  const pieces = useMemo(() => {
    let from = 0;
    return piecesOf(text, marks).map((piece) => {
      const placed = { ...piece, from };
      from += [...piece.text].length;
      return placed;
    });
  }, [text, marks]);
  return (
    <p
      {...rest}
      dir="auto"
      lang={lang}
      data-selectable
      className={clsx("break-words whitespace-pre-wrap", className)}
    >
      {pieces.map(
        (piece): ReactNode => (
          <span key={piece.at} className={piece.kind && "text-accent-text"}>
            <Highlighted text={piece.text} from={piece.from} highlights={highlights} />
          </span>
        ),
      )}
    </p>
  );
}
