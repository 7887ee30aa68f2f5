import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCore } from "@/data";
import { Button, Dialog, TextArea } from "@/shared";
import { describePicture } from "./model";
import { useAssets } from "./picture-strip";
import { useComposerNow } from "./use-composer";

/** What a reader who cannot see the picture gets to read. */
export function DescribeSheet() {
  const { t } = useTranslation();
  const core = useCore();
  const { describing, describe, body, edit, findings } = useComposerNow();
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
  }, [describing]);

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
    </Dialog>
  );
}
