import type { RunLog } from "../../worker/ports.ts";
import { callRpc, type DataApi } from "./data_api.ts";

const CALL = { timeoutMs: 2_000 };
const REPEAT_MS = 10_000;

/** What an announcement needs. */
export interface AnnouncementDeps {
  api: DataApi;
  supabaseUrl: string;
  log: RunLog;
  /** Milliseconds of any clock. */
  now(): number;
}

/**
 * Returns a function that stores the URL of a project that has none, which the Edge Functions know
 * from their environment. It calls the database at most once in ten seconds. A failure is logged.
 * It never rejects.
 */
export function announcement(
  { api, supabaseUrl, log, now }: AnnouncementDeps,
): () => Promise<void> {
  let last = { at: -Infinity, done: Promise.resolve() };
  const announce = async () => {
    try {
      await callRpc(api, "jobforge_announce_url", { p_project_url: supabaseUrl }, CALL);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.name : typeof thrown;
      log.write("warn", "url_not_announced", { reason });
    }
  };
  return () => {
    if (now() - last.at >= REPEAT_MS) last = { at: now(), done: announce() };
    return last.done;
  };
}
