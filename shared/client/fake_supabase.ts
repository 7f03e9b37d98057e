import type { SupabaseLike } from "./calls.ts";

/** The reply to one call. */
export type Answer = { data?: unknown; error?: unknown; status?: number; count?: number };

/** Creates a fake supabase-js client that records its calls and gives each the next answer. */
export function fakeSupabase(answers: Answer[]): { supabase: SupabaseLike; asked: unknown[] } {
  const asked: unknown[] = [];
  const next = () => {
    const { data = null, error = null, status = 200, count = null } = answers.shift() ?? {};
    return Promise.resolve({ data, error, status, count });
  };
  const query: Record<string, unknown> = { abortSignal: next };
  for (const verb of ["eq", "gt", "order", "limit", "select"]) query[verb] = () => query;
  return {
    asked,
    supabase: {
      rpc: (name: string, args: unknown) => (asked.push([name, args]), query),
      from: (table: string) => (asked.push(table), { select: () => query }),
    },
  };
}

/** The ID of the job in the answers. */
export const ID = "01a2039b-0000-7000-8000-000000000001";
/** The answer to an enqueue. */
export const ENQUEUED = { data: [{ index: 0, job_id: ID, status: "queued", duplicate: false }] };
/** The answer to a call about a job that is not there. */
export const NOT_FOUND = { error: { code: "PT404", details: "not_found", message: "no such job" } };
/** Returns the answer to a read, with texts of JSON as the database returns them. */
export const row = (status: string, progress: unknown = null, result: unknown = null): Answer => ({
  data: {
    ...{ id: ID, type: "mail.send", status, max_attempts: 5 },
    progress: progress && JSON.stringify(progress),
    result: result && JSON.stringify(result),
  },
});
