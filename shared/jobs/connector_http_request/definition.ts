import { z } from "zod";
import { RESOURCE_NAME } from "../../core/job/names.ts";
import { isHostPattern } from "../../core/egress/allowlist.ts";
import { defineJob } from "../../core/job/job_type.ts";

/**
 * Sends one HTTP request to a host the tenant's configuration allows. Any answer below 500 is a
 * result, also a 404; a 5xx, 408 or 429 and whatever fails on the way is tried again.
 */
export const httpRequest = defineJob({
  type: "connector.http.request",
  payload: z.strictObject({
    url: z.string().min(1).max(2_048),
    method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]).default("GET"),
    headers: z.record(z.string(), z.string()).default({}),
    /** A text is sent as it is, any other value as JSON. */
    body: z.json().optional(),
    /** Lowers the configured time for the whole call. */
    timeout_ms: z.int().min(100).max(120_000).optional(),
    /** Narrows the configured hosts; it never widens them. */
    allowlist: z.array(z.string().refine(isHostPattern)).max(100).optional(),
    /** Which of the tenant's configurations. */
    config: z.string().regex(RESOURCE_NAME).default("default"),
  }),
  result: z.object({
    status: z.int(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
    /** What is not UTF-8 text is kept as base64. */
    body_encoding: z.enum(["text", "base64"]),
    /** The body had more than the configuration or a result keeps. */
    truncated: z.boolean(),
  }),
  timeoutMs: 130_000,
  maxAttempts: 8,
  backoff: { baseMs: 2_000, capMs: 3_600_000 },
});
