import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAnswer, useCore, useIsMirror } from "@/data";
import { PersonaAvatar } from "@/shared";
import { useNames } from "@/shared/named";

/** Less than half of how long a window is believed that says nothing more. */
const AGAIN_MS = 25_000;

/** Says that this window has a content open, and answers who else has. */
function usePresent(content: string | undefined): readonly { id: string; name: string }[] {
  const core = useCore();
  const shared = useIsMirror() || core.door !== undefined;
  const own = useRef(crypto.randomUUID()).current;
  const [said, setSaid] = useState(false);
  useEffect(() => {
    if (!shared || !content) return;
    let gone = false;
    // A courtesy: who is not reached is not told.
    const say = (what: string | undefined) =>
      core
        .act({ type: "attend", window: own, ...(what ? { content: what } : {}) })
        .then(() => setSaid(!gone))
        .catch(() => {});
    const again = () => {
      if (document.visibilityState === "visible") void say(content);
    };
    again();
    const timer = setInterval(again, AGAIN_MS);
    document.addEventListener("visibilitychange", again);
    return () => {
      gone = true;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
      void say(undefined);
    };
  }, [core, shared, content, own]);
  const present = useAnswer(
    { type: "present", content: content ?? "" },
    { enabled: shared && said && content !== undefined, every: AGAIN_MS },
  );
  return present.data ?? [];
}

/** Who else has this content open. */
export function Present({ content }: { content: string | undefined }) {
  const { t } = useTranslation();
  const names = useNames();
  const others = usePresent(content);
  if (others.length === 0) return null;
  const words = t("compose.also_here", {
    names: names(
      others.map((one) => one.name),
      "conjunction",
    ),
  });
  return (
    <span
      role="status"
      title={words}
      className="flex min-w-0 shrink items-center gap-1 text-meta text-text-2"
    >
      {others.slice(0, 3).map((one) => (
        <PersonaAvatar key={one.id} name={one.name} size={20} />
      ))}
      <span className="ellipsis max-w-[200px]">{words}</span>
    </span>
  );
}
