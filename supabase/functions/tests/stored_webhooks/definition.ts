import * as z from "zod";
import { defineJob } from "../../../../shared/core/job/job_type.ts";
import { webhookEvent } from "../../../../shared/core/webhook/received_event.ts";

/** A job type that reads what a webhook sent, by the bytes and by its members. */
export const webhookReceived = defineJob({
  type: "webhook.received",
  payload: webhookEvent(z.unknown()),
});
