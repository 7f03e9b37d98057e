import { z } from "zod";
import { RESOURCE_NAME } from "../../core/job/names.ts";
import { anyJson } from "../../core/job/numbers.ts";
import { defineJob } from "../../core/job/job_type.ts";

/**
 * A job that sends one event to a destination of the tenant, signed by Standard Webhooks. A 2xx is
 * a success and a 410 disables the destination. Any other answer is retried over three days.
 */
export const webhookDeliver = defineJob({
  type: "connector.webhook.deliver",
  payload: z.strictObject({
    /** Name of the destination's configuration. */
    destination: z.string().regex(RESOURCE_NAME).default("default"),
    event_type: z.string().max(128).regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/),
    data: anyJson(),
  }),
  result: z.object({
    status: z.int(),
    attempt: z.int(),
    /** The ID by which the receiver deduplicates. */
    webhook_id: z.string(),
  }),
  timeoutMs: 45_000,
  maxAttempts: 10,
  // For an attempt that timed out, where the handler cannot set the delay.
  backoff: { baseMs: 5_000, capMs: 86_400_000 },
});
