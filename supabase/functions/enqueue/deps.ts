import { JobApi } from "../../../shared/adapters/data_api/job_api.ts";
import { InFlightLimit } from "../../../shared/adapters/data_api/in_flight_limit.ts";
import { openDataApi } from "../../../shared/adapters/data_api/open_data_api.ts";
import { randomTraceBytes, systemClock } from "../../../shared/adapters/runtime/clock.ts";
import type { EnqueueEnv } from "../../../shared/adapters/runtime/env.ts";
import { consoleLog } from "../../../shared/adapters/runtime/log.ts";
import { credentialHeaders } from "../../../shared/core/http/credential.ts";
import { indexDefinitions, type JobDefinition } from "../../../shared/core/job/job_type.ts";
import type { EnqueueDeps } from "./ports.ts";

/** Creates the dependencies of enqueue. None of them has a right of its own. */
export function createDeps(
  env: EnqueueEnv,
  definitions: readonly JobDefinition[],
): EnqueueDeps {
  const inFlight = new InFlightLimit(env.maxInFlight);
  return {
    definitions: indexDefinitions(definitions),
    jobsOf: (credential, tenantId, signal) => {
      const headers = credentialHeaders(credential, env.publishableKey);
      const api = openDataApi({ supabaseUrl: env.supabaseUrl, headers });
      return new JobApi(api, { tenantId, signal, inFlight, timeoutMs: env.deadlineMs });
    },
    now: systemClock.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    randomTraceBytes,
    log: consoleLog,
  };
}
