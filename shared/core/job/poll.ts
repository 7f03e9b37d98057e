/** Options of polling, in milliseconds. */
export interface PollOptions {
  timeoutMs: number;
  firstDelayMs: number;
  maxDelayMs: number;
  now(): number;
  /** Resolves after `ms`, or rejects when the caller gave up. */
  sleep(ms: number): Promise<void>;
}

const GROWTH = 1.5;

/**
 * Polls until `isDone`, at growing intervals, for at most `timeoutMs` and at least once. Returns
 * the last answer, done or not.
 */
export async function pollUntil<Answer>(
  ask: () => Promise<Answer>,
  isDone: (answer: Answer) => boolean,
  options: PollOptions,
): Promise<Answer> {
  const endsAt = options.now() + options.timeoutMs;
  let delay = options.firstDelayMs;
  for (;;) {
    const answer = await ask();
    const left = endsAt - options.now();
    if (isDone(answer) || left <= 0) return answer;
    await options.sleep(Math.min(delay, left));
    delay = Math.min(options.maxDelayMs, delay * GROWTH);
  }
}
