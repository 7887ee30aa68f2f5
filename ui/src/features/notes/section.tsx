import { MessageSquarePlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Heading } from "@/shared";
import { useNow } from "@/shared/use-now";
import { ProblemState } from "@/shell";
import { Threads } from "./threads";
import { useNotes } from "./use-notes";
import { WriteNote } from "./write";

/** Notes beside a content, in its inspector. */
export function NotesSection({ content, n }: { content: string; n: number }) {
  const { t } = useTranslation();
  const notes = useNotes(content);
  const now = useNow();
  const [writing, setWriting] = useState(false);
  const open = notes.threads.filter((thread) => !thread.resolved_at).length;
  if (n === 0) return null;
  return (
    <section aria-labelledby="content-notes">
      <Heading id="content-notes" className="mb-2" fact={open > 0 ? open : undefined}>
        {t("notes.title")}
      </Heading>
      {notes.error ? <ProblemState error={notes.error} onAgain={notes.again} /> : null}
      <Threads notes={notes} n={n} now={now} />
      {notes.writes ? (
        <div className={notes.threads.length > 0 ? "mt-2.5" : undefined}>
          {writing ? (
            <WriteNote
              label={t("notes.write_label")}
              action={t("notes.send")}
              onSend={(text) => notes.add(n, { type: "version" }, text)}
              onCancel={() => setWriting(false)}
            />
          ) : (
            <Button
              size="row"
              icon={<MessageSquarePlus size={13} strokeWidth={2} aria-hidden />}
              onClick={() => setWriting(true)}
            >
              {t("notes.write")}
            </Button>
          )}
        </div>
      ) : notes.threads.length === 0 ? (
        <p className="text-meta text-text-3">{t("notes.none")}</p>
      ) : null}
    </section>
  );
}
