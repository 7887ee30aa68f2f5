import type { Issue, Severity } from "@/bindings";
import type { Tab, TextKey, View } from "./model";
import { viewsOfTab } from "./model";

/** One thing to fix or to know, once, with the networks that say it. */
export interface Finding {
  id: string;
  code: string;
  severity: Severity;
  networks: string[];
  /** The text where it can be mended. */
  tab: TextKey;
  issue: Issue;
  view: View;
}

/** What is said beside the picture or the card itself. */
const ELSEWHERE = new Set(["image_fitted", "card_none", "card_left_out"]);

const rank: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/** What was found in all texts: errors first, then by place; the same words only once. */
export function findingsOf(tabs: readonly Tab[], views: readonly View[]): Finding[] {
  const found = new Map<string, Finding>();
  for (const view of views) {
    const tab =
      tabs.find((one) => one.key !== "shared" && one.own && viewsOfTab(one, [view]).length > 0)
        ?.key ?? "shared";
    for (const issue of view.issues) {
      if (ELSEWHERE.has(issue.code)) continue;
      const { code, segment, asset, args, span, choice } = issue;
      // What is never sent stops nothing.
      const severity =
        view.identity === undefined && issue.severity === "error" ? "warning" : issue.severity;
      // A picture is mended once, wherever it is used.
      const id = asset
        ? JSON.stringify([code, asset])
        : JSON.stringify([code, segment, span, choice, args, tab]);
      const known = found.get(id);
      if (!known) {
        found.set(id, { id, code, severity, networks: [view.network], tab, issue, view });
        continue;
      }
      if (rank[severity] < rank[known.severity])
        Object.assign(known, { severity, issue, view, tab });
      if (!known.networks.includes(view.network)) known.networks.push(view.network);
    }
  }
  return [...found.values()].sort(
    (a, b) => rank[a.severity] - rank[b.severity] || a.issue.segment - b.issue.segment,
  );
}

/** How many stop sending, and how many are only to know. */
export function tally(findings: readonly Finding[]): { fix: number; look: number; know: number } {
  const count = (severity: Severity) =>
    findings.filter((finding) => finding.severity === severity).length;
  return { fix: count("error"), look: count("warning"), know: count("info") };
}
