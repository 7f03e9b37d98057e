import { randomTraceBytes, systemClock } from "../../../shared/adapters/clock.ts";
import type { EnqueueEnv } from "../../../shared/adapters/env.ts";
import { JobApi } from "../../../shared/adapters/job_api.ts";
import { LoadGate } from "../../../shared/adapters/load_gate.ts";
import { consoleLog } from "../../../shared/adapters/log.ts";
import { openDataApi } from "../../../shared/adapters/open_data_api.ts";
import { credentialHeaders } from "../../../shared/core/credential.ts";
import { indexDefinitions, type JobDefinition } from "../../../shared/core/job_type.ts";
import type { EnqueueDeps } from "./ports.ts";

/** The dependencies of enqueue on the real world: none of them holds a right of its own. */
export function createDeps(
  env: EnqueueEnv,
  definitions: readonly JobDefinition[],
): EnqueueDeps {
  const gate = new LoadGate(env.maxInFlight);
  return {
    definitions: indexDefinitions(definitions),
    jobsOf: (credential, tenantId, signal) => {
      const headers = credentialHeaders(credential, env.publishableKey);
      const api = openDataApi({ supabaseUrl: env.supabaseUrl, headers });
      return new JobApi(api, { tenantId, signal, gate, timeoutMs: env.deadlineMs });
    },
    now: systemClock.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    randomTraceBytes,
    log: consoleLog,
  };
}
