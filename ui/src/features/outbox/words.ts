import type { Mutation, WaitingItem, WaitingState } from "@/bindings";
import type { GlyphName, Tone } from "@/shared";
import type { WordKey } from "@/words";

/** How a state looks; the words live in the catalog under `outbox.state.*`. */
export const looks: Record<WaitingState, { tone: Tone; glyph: GlyphName }> = {
  waiting: { tone: "neutral", glyph: "clock" },
  sent: { tone: "run", glyph: "arrow-up" },
  taken: { tone: "ok", glyph: "ring-check" },
  rejected: { tone: "bad", glyph: "octagon" },
  held: { tone: "warn", glyph: "ring-pause" },
};

/** What each kind of change is called where it waits; many are one thing to people. */
const words: Record<Mutation["type"], WordKey> = {
  save_working_copy: "outbox.what.typed",
  discard_working_copy: "outbox.what.typed",
  revise: "outbox.what.typed",
  save_version: "outbox.what.saved",
  restore_version: "outbox.what.restored",
  set_details: "outbox.what.details",
  archive_content: "outbox.what.archived",
  delete_draft: "outbox.what.deleted",
  add_note: "outbox.what.note",
  remove_note: "outbox.what.note",
  resolve_thread: "outbox.what.note",
  begin_from_template: "outbox.what.begun",
  take_suggestion: "outbox.what.begun",
  plan: "outbox.what.planned",
  move_delivery: "outbox.what.moved",
  move_to_next_month: "outbox.what.moved",
  send_now: "outbox.what.send_now",
  cancel_deliveries: "outbox.what.cancelled",
  answer_unconfirmed: "outbox.what.answered",
  delete_published: "outbox.what.taken_down",
  update_published: "outbox.what.updated",
  cancel_update: "outbox.what.updated",
  request_approval: "outbox.what.submitted",
  withdraw_request: "outbox.what.withdrawn",
  decide: "outbox.what.decided",
  delegate: "outbox.what.away",
  revoke_decision: "outbox.what.revoked",
  set_paused: "outbox.what.paused",
  release_folder: "outbox.what.paused",
  save_template: "outbox.what.template",
  delete_template: "outbox.what.template",
  save_source: "outbox.what.source",
  remove_source: "outbox.what.source",
  dismiss_suggestion: "outbox.what.ideas",
  reopen_suggestion: "outbox.what.ideas",
  mute_topic: "outbox.what.ideas",
  reset_learning: "outbox.what.ideas",
  add_asset: "outbox.what.picture",
  save_persona: "outbox.what.persona",
  archive_persona: "outbox.what.persona",
  save_chain: "outbox.what.chain",
  archive_chain: "outbox.what.chain",
  add_person: "outbox.what.people",
  update_person: "outbox.what.people",
  deactivate_person: "outbox.what.people",
  erase_person: "outbox.what.people",
  set_retention: "outbox.what.other",
  add_identity: "outbox.what.account",
  update_identity: "outbox.what.account",
  measure_identity: "outbox.what.account",
  set_budget: "outbox.what.account",
  pass_budget: "outbox.what.account",
  disconnect_identity: "outbox.what.account",
  dismiss_remark: "outbox.what.remark",
  note_agent_call: "outbox.what.program",
  record_model_use: "outbox.what.program",
  retry_run: "outbox.what.run",
  cancel_run: "outbox.what.run",
};

/** What a person would call it: the last of its changes is what the others lead to. */
export function wordsOf(item: WaitingItem): WordKey {
  const last = item.mutations.at(-1);
  return last ? words[last.type] : "outbox.what.other";
}

/** The content that it is about, if it is about one. */
export function contentOf(item: WaitingItem): string | undefined {
  for (const mutation of [...item.mutations].reverse()) {
    if ("content" in mutation && typeof mutation.content === "string") return mutation.content;
  }
  return undefined;
}
