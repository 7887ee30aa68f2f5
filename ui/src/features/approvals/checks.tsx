import { Check, CircleAlert, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { RequestDetail } from "@/bindings";
import { useAnswer } from "@/data";
import { Heading, networkName } from "@/shared";
import { issueArgs } from "@/shared/issue-args";
import { useNamed, useNames } from "@/shared/named";

type Line = { key: string; text: string; grade: "ok" | "warn" | "bad" };

/** What Rostrum looked at itself: lengths, alternative texts, cards, metadata. */
export function Checks({ request }: { request: RequestDetail }) {
  const { t } = useTranslation();
  const named = useNamed();
  const names = useNames();
  const { doc } = request.version;
  const prepared = useAnswer({
    type: "prepare",
    persona: request.row.persona.id,
    body: doc.body,
  }).data;

  const lines: Line[] = [];
  if (prepared) {
    const bad = prepared.targets.filter((one) => one.issues.some((i) => i.severity === "error"));
    lines.push(
      bad.length === 0
        ? {
            key: "fits",
            grade: "ok",
            text: t("approvals.check.fits", { count: prepared.targets.length }),
          }
        : {
            key: "fits",
            grade: "bad",
            text: t("approvals.check.does_not_fit", {
              networks: names(
                bad.map((one) => networkName(one.network, t("network.site"))),
                "conjunction",
              ),
            }),
          },
    );
    const seen = new Set<string>();
    const found = prepared.targets.flatMap((one) =>
      one.issues.map((issue) => ({ issue, network: networkName(one.network, t("network.site")) })),
    );
    for (const { issue, network } of found) {
      if (issue.severity === "info" || issue.code === "alt_missing" || seen.has(issue.code))
        continue;
      seen.add(issue.code);
      lines.push({
        key: issue.code,
        grade: issue.severity === "error" ? "bad" : "warn",
        text: named(
          `issue.${issue.code}`,
          issue.code.replaceAll("_", " "),
          issueArgs(issue, network, t),
        ),
      });
    }
  }
  const media = doc.targets.flatMap((target) => target.segments.flatMap((s) => s.media));
  const pictures = new Map(media.map((one) => [one.rendition.asset, one.alt]));
  if (pictures.size > 0) {
    const without = [...pictures.values()].filter((alt) => !alt.trim()).length;
    lines.push(
      without === 0
        ? { key: "alt", grade: "ok", text: t("approvals.check.alt") }
        : { key: "alt", grade: "warn", text: t("approvals.check.no_alt", { count: without }) },
    );
  }
  if (doc.media.some((one) => one.location_removed)) {
    lines.push({ key: "location", grade: "ok", text: t("approvals.check.location") });
  }
  if (doc.targets.some((target) => target.segments.some((s) => s.card))) {
    lines.push({ key: "card", grade: "ok", text: t("approvals.check.card") });
  }
  if (lines.length === 0) return null;
  return (
    <section aria-labelledby="checks-heading" className="mt-5 border-t border-line pt-4">
      <Heading id="checks-heading" className="mb-1.5">
        {t("approvals.checks")}
      </Heading>
      <ul>
        {lines.map((line) => (
          <li key={line.key} className="flex items-start gap-2.5 py-[3px] text-meta text-text-2">
            {line.grade === "ok" ? (
              <Check size={13} strokeWidth={2} aria-hidden className="mt-px shrink-0 text-ok-dot" />
            ) : line.grade === "warn" ? (
              <TriangleAlert
                size={13}
                strokeWidth={2}
                aria-hidden
                className="mt-px shrink-0 text-warn-dot"
              />
            ) : (
              <CircleAlert
                size={13}
                strokeWidth={2}
                aria-hidden
                className="mt-px shrink-0 text-bad-dot"
              />
            )}
            {line.text}
          </li>
        ))}
      </ul>
    </section>
  );
}
