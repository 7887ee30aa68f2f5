// Generated from crates/protocol by `./dev bindings`. Do not edit.
import type { QueryAnswers } from "./QueryAnswers";
import type { Tag } from "./Tag";

/** What each query shows; a change of one of these asks for it again. */
export const QUERY_TAGS: Record<keyof QueryAnswers, readonly Tag[]> = {
  overview: ["people", "personas", "accounts", "contents", "deliveries", "requests", "runtime", "settings"],
  today: ["personas", "accounts", "contents", "deliveries", "requests", "runtime", "metrics", "notes"],
  calendar: ["personas", "contents", "deliveries", "requests"],
  queue: ["contents", "deliveries", "requests"],
  content: ["contents", "deliveries", "requests", "metrics", "accounts"],
  version: ["contents"],
  approvals: ["requests", "contents", "deliveries"],
  request: ["requests", "contents", "deliveries", "people"],
  personas: ["personas", "accounts", "chains"],
  accounts: ["accounts", "deliveries"],
  chains: ["chains", "personas"],
  people: ["people"],
  networks: [],
  runs: ["runs"],
  run: ["runs"],
  prepare: [],
  split: [],
  resolve_time: [],
  assets: ["assets"],
  free_slots: ["personas", "deliveries"],
  notes: ["notes", "people", "contents"],
  templates: ["templates", "personas"],
  best_hours: ["personas", "accounts", "metrics"],
  sources: ["sources", "personas"],
  ideas: ["ideas", "sources", "personas", "accounts"],
  outline: ["ideas", "accounts"],
  history: ["contents", "deliveries", "requests", "people", "personas", "chains", "accounts", "runtime", "notes"],
  verify_audit: [],
  settings: ["settings", "runtime"],
  backups: ["runtime"],
  diagnostics: ["runtime", "accounts"],
  outbox: ["runtime"],
};
