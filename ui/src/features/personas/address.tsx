import { Copy } from "lucide-react";
import { useTranslation } from "react-i18next";
import { IconButton, say } from "@/shared";

/** An address for elsewhere: it can be read, selected and copied. */
export function Address({ address }: { address: string }) {
  const { t } = useTranslation();
  return (
    <span className="mt-1 flex items-center gap-1.5">
      <span data-selectable className="ellipsis font-mono text-journal text-text" title={address}>
        {address}
      </span>
      <IconButton
        size="row"
        label={t("common.copy")}
        icon={<Copy size={13} strokeWidth={2} aria-hidden />}
        onClick={() => {
          void navigator.clipboard.writeText(address);
          say({ text: t("common.copied"), glyph: "ring-check", tone: "ok" });
        }}
      />
    </span>
  );
}
