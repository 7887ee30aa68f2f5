import { ExternalLink } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMirror } from "@/data";

/** What is done in the window of the organization's server, and the way there. */
export function AtServer({ words }: { words: string }) {
  const { t } = useTranslation();
  const mirror = useMirror();
  if (!mirror) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-6 py-2.5 text-meta text-text-2 max-sm:px-4">
      <span className="min-w-0 flex-1 basis-60">{words}</span>
      <a
        href={mirror.server}
        target="_blank"
        rel="noreferrer"
        className="inline-flex items-center gap-1.5 font-medium text-accent-text"
      >
        <ExternalLink size={13} strokeWidth={1.75} aria-hidden />
        {t("desk.open_server", { host: hostOf(mirror.server) })}
      </a>
    </p>
  );
}

/** A server's address as people read it. */
export function hostOf(server: string): string {
  return server.replace(/^https?:\/\//, "").replace(/\/$/, "");
}
