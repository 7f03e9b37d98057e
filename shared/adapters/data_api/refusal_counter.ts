import { callRpc, type DataApi } from "./data_api.ts";

/** A counter of rejected webhooks. */
export interface RefusalCounter {
  add(configId: string): void;
}

/** The database and timer of a counter. */
export interface RefusalCounterDeps {
  api: DataApi;
  /** Resolves after so many milliseconds. */
  sleep(ms: number): Promise<void>;
  keepAlive(promise: Promise<unknown>): void;
  onLost(): void;
}

const GATHER_MS = 2_000;
const MAX_ENDPOINTS = 100;

/**
 * Creates a counter that adds up refusals for two seconds and reports them in one call. An isolate
 * makes one call per two seconds, however many requests arrive. No request waits for it.
 */
export function openRefusalCounter(deps: RefusalCounterDeps): RefusalCounter {
  const counts = new Map<string, number>();
  const send = async () => {
    await deps.sleep(GATHER_MS);
    const p_refusals = [...counts].map(([config_id, refused]) => ({ config_id, refused }));
    counts.clear();
    await callRpc(deps.api, "jobforge_count_refusals", { p_refusals }, { timeoutMs: 5_000 })
      .catch(deps.onLost);
  };
  return {
    add(configId) {
      const count = counts.get(configId);
      if (count === undefined && counts.size >= MAX_ENDPOINTS) return;
      counts.set(configId, (count ?? 0) + 1);
      if (counts.size === 1 && count === undefined) deps.keepAlive(send());
    },
  };
}
