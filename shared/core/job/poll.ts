/** How to ask again and again; times in milliseconds. */
export interface PollOptions {
  timeoutMs: number;
  firstDelayMs: number;
  maxDelayMs: number;
  now(): number;
  /** Resolves after `ms`, or rejects when waiting was given up. */
  sleep(ms: number): Promise<void>;
}

const GROWTH = 1.5;

/**
 * Asks until `isDone`, at growing intervals, at most `timeoutMs`; returns the last answer
 * whether it is done or not. Asks at least once.
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
