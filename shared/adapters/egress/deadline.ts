import { EgressFailed } from "../../core/egress/refusal.ts";

/** Runs work under one deadline. Throws `egress_timeout` for what fails because of it. */
export async function withDeadline<T>(
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer.throwIfAborted();
  const controller = new AbortController();
  const abort = () => controller.abort(outer.reason);
  const late = new EgressFailed("egress_timeout", `the host did not answer within ${ms} ms`);
  const timer = setTimeout(() => controller.abort(late), ms);
  outer.addEventListener("abort", abort, { once: true });
  try {
    return await work(controller.signal);
  } catch (thrown) {
    controller.signal.throwIfAborted();
    throw thrown;
  } finally {
    clearTimeout(timer);
    outer.removeEventListener("abort", abort);
  }
}

/** Waits for a time, or until the signal aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<undefined> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end, { once: true });
  });
}
