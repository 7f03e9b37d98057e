import * as z from "zod";
import { EVENT_TYPE, RESOURCE_NAME } from "../../core/job/names.ts";
import { anyJson } from "../../core/job/number_schemas.ts";
import { defineJob } from "../../core/job/job_type.ts";

/** Name of the destination's configuration. */
const destination = z.string().regex(RESOURCE_NAME).default("default");

/**
 * A job that sends one event to a destination of the tenant, signed by Standard Webhooks. A 2xx is
 * a success and a 410 pauses the destination. Any other answer is retried over three days. While the
 * destination is paused, the delivery of a published message is held and sent later.
 */
export const webhookDeliver = defineJob({
  type: "connector.webhook.deliver",
  payload: z.union([
    z.strictObject({
      destination,
      event_type: z.string().max(128).regex(EVENT_TYPE),
      data: anyJson(),
    }),
    /** A message of `jobforge_publish`, which creates these jobs. */
    z.strictObject({ destination, message_id: z.uuid() }),
  ]),
  result: z.object({
    /** The status of the response, or null when the delivery was held or another job sends it. */
    status: z.int().nullable(),
    attempt: z.int(),
    /** The ID by which the receiver deduplicates. */
    webhook_id: z.string(),
  }),
  timeoutMs: 45_000,
  maxAttempts: 10,
  // For an attempt that timed out, where the handler cannot set the delay.
  backoff: { baseMs: 5_000, capMs: 86_400_000 },
});
