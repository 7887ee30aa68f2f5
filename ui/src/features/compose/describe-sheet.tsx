import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAnswer, useCore } from "@/data";
import { problemOf } from "@/platform";
import { Button, Dialog, TextArea, WordDiff } from "@/shared";
import { describePicture } from "./model";
import { useAssets } from "./picture-strip";
import { useComposerNow } from "./use-composer";
import { useProposal } from "./use-proposal";

/** What a reader who cannot see the picture gets to read. */
export function DescribeSheet() {
  const { t } = useTranslation();
  const core = useCore();
  const { describing, describe, body, edit, findings, persona, content, tab, part } =
    useComposerNow();
  const settings = useAnswer({ type: "settings" });
  const { said, proposal, error, running, ask, cancel, drop } = useProposal();
  const assetOf = useAssets();
  const asset = describing ? assetOf(describing) : undefined;
  const was =
    [body.shared, ...Object.values(body.variants)]
      .flatMap((text) => text.segments.flatMap((part) => part.media))
      .find((media) => media.asset === describing)?.alt ?? "";
  const [alt, setAlt] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another picture begins anew
  useEffect(() => {
    setAlt(was);
    drop();
  }, [describing]);
  const propose = () => {
    if (!describing) return;
    const language = body.languages[0] ?? (persona.profile.language || "en");
    ask({
      persona: persona.id,
      content,
      targets: tab.identities,
      wish: {
        task: "alt_text",
        text: part.text,
        brief: "",
        language,
        picture: describing,
        // Who asks once more wants another answer.
        ...(proposal || error ? { again: true } : {}),
      },
    });
  };

  const close = () => {
    // Closing keeps what was written: nothing typed is lost.
    if (describing && alt.trim() !== was) {
      const { asset: hash, text } = { asset: describing, text: alt.trim() };
      edit((all) => describePicture(all, hash, was, text));
    }
    describe(undefined);
  };
  const wrong = findings.find(
    (finding) => finding.code === "alt_too_long" && finding.issue.asset === describing,
  );
  return (
    <Dialog
      open={describing !== undefined}
      onClose={close}
      title={t("compose.alt_title")}
      width={560}
      foot={
        <Button kind="primary" onClick={close} keys="Mod+Enter">
          {t("compose.alt_done")}
        </Button>
      }
    >
      {describing ? (
        <img
          src={core.mediaUrl(asset?.facts.hash ?? describing)}
          alt=""
          className="mx-auto mb-3 max-h-[40vh] rounded-control bg-hover object-contain"
        />
      ) : null}
      <TextArea
        ref={field}
        data-autofocus
        label={t("compose.alt_label", { name: asset?.facts.name ?? t("compose.picture") })}
        hint={t("compose.alt_hint")}
        error={wrong ? t("compose.alt_long", { limit: wrong.issue.args.limit ?? "" }) : undefined}
        lang={body.languages[0]}
        rows={3}
        value={alt}
        onText={setAlt}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            event.stopPropagation();
            close();
          }
        }}
      />
      {(settings.data?.settings.models.length ?? 0) > 0 ? (
        <div className="mt-3 flex flex-col gap-2">
          <Button size="row" className="self-start" onClick={running ? cancel : propose}>
            {t(running ? "writing.stop" : "writing.describe")}
          </Button>
          {error ? (
            <p role="alert" className="text-bad-fg">
              {problemOf(error).message}
            </p>
          ) : null}
          {proposal && !running ? (
            <WordDiff before={alt} after={proposal.text} lang={body.languages[0]} />
          ) : said ? (
            <p
              dir="auto"
              lang={body.languages[0]}
              aria-live="polite"
              className="font-serif text-diff"
            >
              {said}
            </p>
          ) : null}
          {proposal && !running ? (
            <div className="flex gap-2">
              <Button
                size="row"
                onClick={() => {
                  setAlt(proposal.text);
                  drop();
                }}
              >
                {t("writing.use")}
              </Button>
              <Button size="row" kind="ghost" onClick={drop}>
                {t("writing.discard")}
              </Button>
            </div>
          ) : null}
        </div>
      ) : null}
    </Dialog>
  );
}
