import type { RefusalCounter } from "../../../shared/adapters/data_api/refusal_counter.ts";
import type {
  WebhookEndpoint,
  WebhookEndpoints,
} from "../../../shared/adapters/data_api/webhook_endpoints.ts";
import type { RunLog } from "../../../shared/worker/ports.ts";
import type { LargeBodies } from "./large_bodies.ts";

/** What the route of webhook-verify needs. */
export interface WebhookDeps {
  endpoints: WebhookEndpoints;
  /** The texts of an endpoint's secrets, newest first, without those that do not resolve. */
  secretsOf(endpoint: WebhookEndpoint): string[];
  largeBodies: LargeBodies;
  /** Aborts when the rest of a large body must have come. */
  bodyDeadline(): AbortSignal;
  nowSeconds(): number;
  randomTraceBytes(): Uint8Array;
  refusals: RefusalCounter;
  log: RunLog;
}
