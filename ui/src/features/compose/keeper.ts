/** How keeping stands. */
export type Kept =
  | { state: "none" }
  | { state: "pending" }
  | { state: "kept"; at: number }
  | { state: "failed"; error: unknown };

const AGAIN_MS = 3_000;

/**
 * Keeps what is typed: within `wait` of the first keystroke that is not kept yet, one write at a
 * time, the newest wins. What could not be written is tried again until it is.
 */
export class Keeper<T> {
  private value: T | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private writing: Promise<void> | undefined;
  private closed = false;
  private readonly write: (value: T) => Promise<void>;
  private readonly onState: (state: Kept) => void;
  private readonly wait: number;
  private readonly now: () => number;

  constructor(
    write: (value: T) => Promise<void>,
    onState: (state: Kept) => void,
    wait = 600,
    now: () => number = Date.now,
  ) {
    this.write = write;
    this.onState = onState;
    this.wait = wait;
    this.now = now;
  }

  /** Something was typed. */
  touch(value: T): void {
    this.value = value;
    this.tell({ state: "pending" });
    // Not put off by more typing: what is typed is kept within the wait.
    this.timer ??= setTimeout(() => void this.flush(), this.wait);
  }

  /** Writes now what is not written yet; resolves when nothing is left or a write failed. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.writing) await this.writing;
    if (this.value === undefined) return;
    const value = this.value;
    this.value = undefined;
    this.writing = this.write(value).then(
      () => {
        this.writing = undefined;
        if (this.value === undefined) this.tell({ state: "kept", at: this.now() });
      },
      (error: unknown) => {
        this.writing = undefined;
        this.value ??= value;
        this.tell({ state: "failed", error });
        if (!this.closed && mayHelp(error)) {
          this.timer ??= setTimeout(() => void this.flush(), AGAIN_MS);
        }
      },
    );
    await this.writing;
  }

  /** Forgets what is not written: it was saved otherwise, or thrown away. */
  async drop(): Promise<void> {
    this.value = undefined;
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.writing;
    this.value = undefined;
  }

  /** The composer goes away: a last write, no more words. */
  close(): Promise<void> {
    this.closed = true;
    return this.flush();
  }

  private tell(state: Kept): void {
    if (!this.closed) this.onState(state);
  }
}

/** Whether the same words may be taken later; a refusal waits for other words. */
function mayHelp(error: unknown): boolean {
  return (error as { problem?: { retryable?: boolean } }).problem?.retryable !== false;
}
