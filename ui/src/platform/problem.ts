import type { Code, Problem } from "@/bindings";
import type { Tone } from "@/shared/tone";

/** A refusal or failure as the core says it; the only error that a transport throws. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = "ProblemError";
    this.problem = problem;
  }

  get code(): Code {
    return this.problem.code;
  }
}

/** What a person can do about a problem; the words live in the catalog under `problem_action.*`. */
export type WayOn =
  | "try_again"
  | "look_again"
  | "reconnect"
  | "open_accounts"
  | "open_settings"
  | "choose_other"
  | "none";

interface Meaning {
  tone: Tone;
  action: WayOn;
}

const refusal = (action: WayOn = "none"): Meaning => ({ tone: "warn", action });
const failure = (action: WayOn = "try_again"): Meaning => ({ tone: "bad", action });

/** The one place that says how grave a code is and which way leads on. */
const meanings: Partial<Record<Code, Meaning>> = {
  conflict: refusal("look_again"),
  stale_version: refusal("look_again"),
  request_closed: refusal("look_again"),
  already_decided: refusal("look_again"),
  not_found: refusal("look_again"),
  attempt_open: refusal("try_again"),
  busy: refusal("try_again"),
  throttled: refusal("try_again"),
  cancelled: { tone: "neutral", action: "none" },
  needs_reconnect: refusal("reconnect"),
  secret_missing: refusal("reconnect"),
  wrong_credentials: refusal(),
  media_unsupported: refusal("choose_other"),
  media_corrupt: refusal("choose_other"),
  media_too_large: refusal("choose_other"),
  bad_folder: refusal("choose_other"),
  no_targets: refusal("open_accounts"),
  folder_held: refusal("open_settings"),
  audit_broken: failure("open_settings"),
  sign_in_denied: refusal("try_again"),
  sign_in_timeout: refusal("try_again"),
  port_taken: refusal("try_again"),
  code_expired: refusal("try_again"),
  not_a_server: refusal(),
  unreachable: failure(),
  outcome_unknown: failure("look_again"),
  disk_full: failure(),
  read_only: failure("none"),
  database_corrupt: failure("open_settings"),
  internal: failure(),
};

/** How grave a problem is, and which way leads on. */
export function meaningOf(problem: Problem): Meaning {
  return meanings[problem.code] ?? (problem.retryable ? failure() : refusal());
}

/** Anything thrown, as a problem. What nobody foresaw is `internal`, with its words. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (isProblem(error)) return error;
  return {
    code: "internal",
    message: error instanceof Error ? error.message : String(error),
    retryable: true,
  };
}

/** Whether a value has a problem's shape; what comes over a wire is checked once, here. */
export function isProblem(value: unknown): value is Problem {
  return (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    typeof value.code === "string" &&
    "message" in value &&
    typeof value.message === "string"
  );
}
