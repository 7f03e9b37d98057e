import type { JobContext } from "../core/job/handler.ts";

/** Creates a context for handler tests that records what the handler reported. */
export function fakeContext(
  changes: Partial<JobContext> = {},
): JobContext & { reported: unknown[] } {
  const reported: unknown[] = [];
  return {
    jobId: "00000000-0000-7000-8000-000000000001",
    tenantId: "11111111-1111-4111-8111-111111111111",
    createdAt: "2026-11-22T10:00:00.000Z",
    attempt: 1,
    maxAttempts: 5,
    signal: new AbortController().signal,
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
    idempotencyKey: "00000000-0000-7000-8000-000000000001",
    progress: (value) => void reported.push(value),
    storedBody: () => Promise.reject(new Error("this job has no stored body")),
    log: () => {},
    ...changes,
    reported,
  };
}
