/**
 * Asks after a pause in the typing, one question at a time, and never hands on an answer to an old
 * question once a newer one was answered.
 */
export class Latest<Question, Answer> {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;
  private heard = 0;
  private stopped = false;
  private readonly ask: (question: Question) => Promise<Answer>;
  private readonly onAnswer: (answer: Answer, question: Question) => void;
  private readonly onFailure: (error: unknown, question: Question) => void;
  private readonly pause: number;

  constructor(
    ask: (question: Question) => Promise<Answer>,
    onAnswer: (answer: Answer, question: Question) => void,
    onFailure: (error: unknown, question: Question) => void,
    pause = 60,
  ) {
    this.ask = ask;
    this.onAnswer = onAnswer;
    this.onFailure = onFailure;
    this.pause = pause;
  }

  want(question: Question): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.put(question), this.pause);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async put(question: Question): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    // An answer is stale when one to a later question came first.
    const fresh = () => {
      if (this.stopped || mine < this.heard) return false;
      this.heard = mine;
      return true;
    };
    try {
      const answer = await this.ask(question);
      if (fresh()) this.onAnswer(answer, question);
    } catch (error) {
      if (fresh()) this.onFailure(error, question);
    }
  }
}
