import { announcement } from "../../../shared/adapters/data_api/announcement.ts";
import { openDataApi } from "../../../shared/adapters/data_api/open_data_api.ts";
import { openRefusalCounter } from "../../../shared/adapters/data_api/refusal_counter.ts";
import { type ResolveSecrets, secretResolver } from "../../../shared/adapters/data_api/secrets.ts";
import {
  openWebhookEndpoints,
  type WebhookEndpoint,
} from "../../../shared/adapters/data_api/webhook_endpoints.ts";
import { randomTraceBytes, systemClock } from "../../../shared/adapters/runtime/clock.ts";
import { keepAlive } from "../../../shared/adapters/runtime/edge_runtime.ts";
import type { ServiceEnv } from "../../../shared/adapters/runtime/env.ts";
import { consoleLog } from "../../../shared/adapters/runtime/log.ts";
import { keyHeaders } from "../../../shared/core/http/credential.ts";
import { LargeBodies } from "./large_bodies.ts";
import type { WebhookDeps } from "./ports.ts";

/** Large bodies at a time. Each takes up to 30 MB of an isolate's 256 MB. */
const LARGE_BODIES = 4;
const LARGE_BODY_MS = 20_000;

/** Creates the dependencies of webhook-verify. `variables` hold the operators' secrets. */
export function createDeps(
  { serviceKey, supabaseUrl }: ServiceEnv,
  variables: Record<string, string>,
): WebhookDeps & { announce(): Promise<void> } {
  const resolve = secretResolver(variables);
  const api = openDataApi({ supabaseUrl, headers: keyHeaders(serviceKey) });
  return {
    endpoints: openWebhookEndpoints(api),
    announce: announcement({ api, supabaseUrl, log: consoleLog, now: () => performance.now() }),
    secretsOf: (endpoint) => secretsOf(endpoint, resolve),
    largeBodies: new LargeBodies(LARGE_BODIES),
    bodyDeadline: () => AbortSignal.timeout(LARGE_BODY_MS),
    nowSeconds: () => Math.floor(systemClock.epoch() / 1000),
    randomTraceBytes,
    refusals: openRefusalCounter({
      api,
      sleep: (ms) => new Promise((resolve) => systemClock.setTimer(resolve, ms)),
      keepAlive,
      onLost: () => consoleLog.write("warn", "refusals_uncounted", {}),
    }),
    log: consoleLog,
  };
}

/** An endpoint without its secrets refuses every request. The log reports why. */
function secretsOf({ secrets, tenantId }: WebhookEndpoint, resolve: ResolveSecrets): string[] {
  try {
    return resolve(tenantId, secrets);
  } catch {
    consoleLog.write("error", "webhook_secrets_missing", { tenant_id: tenantId });
    return [];
  }
}
