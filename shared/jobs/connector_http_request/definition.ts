import * as z from "zod";
import { RESOURCE_NAME } from "../../core/job/names.ts";
import { anyJson } from "../../core/job/number_schemas.ts";
import { isHostPattern } from "../../core/egress/allowlist.ts";
import { defineJob } from "../../core/job/job_type.ts";

/**
 * A job that sends one HTTP request to a host of the tenant's configuration. Any answer below 500
 * is a result, also a 404. A 5xx, 408 or 429 and every failure on the way is retried.
 */
export const httpRequest = defineJob({
  type: "connector.http.request",
  payload: z.strictObject({
    url: z.string().min(1).max(2_048),
    method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]).default("GET"),
    headers: z.record(z.string(), z.string()).default({}),
    /** Body: a text is sent unchanged, any other value as JSON. */
    body: anyJson().optional(),
    /** Milliseconds for the whole call, at most the configured time. */
    timeout_ms: z.int().min(100).max(120_000).optional(),
    /** Hosts that narrow the configured ones, never widen them. */
    allowlist: z.array(z.string().refine(isHostPattern)).max(100).optional(),
    /** Name of the tenant's configuration. */
    config: z.string().regex(RESOURCE_NAME).default("default"),
  }),
  result: z.object({
    status: z.int(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
    /** Encoding of `body`: base64 when it is not UTF-8 text. */
    body_encoding: z.enum(["text", "base64"]),
    /** True when the body had more than the configuration or a result keeps. */
    truncated: z.boolean(),
  }),
  timeoutMs: 130_000,
  maxAttempts: 8,
  backoff: { baseMs: 2_000, capMs: 3_600_000 },
});
