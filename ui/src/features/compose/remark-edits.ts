import type { Body, Remark, Variant } from "@/bindings";
import { editPart, type Tab } from "./model";

/** The key of the text that a tab shows, as remarks name it: empty for the shared one. */
export function keyOfText(body: Body, tab: Pick<Tab, "key" | "network">): string {
  if (body.variants[tab.key]) return tab.key;
  const ofNetwork = tab.network ? `network:${tab.network}` : "";
  return body.variants[ofNetwork] ? ofNetwork : "";
}

function editOf(body: Body, remark: Remark, edit: (text: Variant) => Variant): Body {
  if (!remark.text) return { ...body, shared: edit(body.shared) };
  const own = body.variants[remark.text];
  return own ? { ...body, variants: { ...body.variants, [remark.text]: edit(own) } } : body;
}

/** The text with a hashtag at its end. */
export function withTag(body: Body, remark: Remark, tag: string): Body {
  return editOf(body, remark, (text) =>
    editPart(text, text.segments.length - 1, (part) => {
      const words = part.text.trimEnd();
      return { ...part, text: words ? `${words} #${tag}` : `#${tag}` };
    }),
  );
}

/** The text with a hashtag in another case, wherever it stands. */
export function replaceTag(body: Body, remark: Remark, tag: string, better: string): Body {
  const found = new RegExp(`#${tag}(?![\\p{L}\\p{N}_])`, "giu");
  return editOf(body, remark, (text) => ({
    ...text,
    segments: text.segments.map((part) => ({
      ...part,
      text: part.text.replace(found, `#${better}`),
    })),
  }));
}
