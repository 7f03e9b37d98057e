import * as z from "zod";
import type { EgressPolicy } from "../../core/egress/policy.ts";
import { PermanentError } from "../../core/job/handler.ts";

const config = z.strictObject({
  hosts: z.array(z.string()),
  schemes: z.array(z.enum(["https", "http"])).default(["https"]),
  ports: z.array(z.int()).optional(),
  methods: z.array(z.enum(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]))
    .default(["GET", "POST", "HEAD"]),
  redirects: z.int().min(0).max(5).default(0),
  timeout_ms: z.int().min(100).max(120_000).default(30_000),
  max_response_bytes: z.int().min(1).max(1_048_576).default(262_144),
  response_headers: z.array(z.string()).default([]),
  auth: z.strictObject({ header: z.string(), prefix: z.string().default("") }).optional(),
});

/** A configuration of connector.http.request with its defaults. */
export type RequestConfig = z.output<typeof config>;

/**
 * Reads a configuration. The database checked it, so a validation error means another version wrote
 * it.
 */
export function readConfig(stored: unknown): RequestConfig {
  const parsed = config.safeParse(stored);
  if (parsed.success) return parsed.data;
  throw new PermanentError("the configuration is invalid for this version of the worker", {
    code: "connector_misconfigured",
  });
}

/** Returns the policy of a configuration, narrowed by the job. */
export function policyOf(
  config: RequestConfig,
  job: { timeout_ms?: number | undefined; allowlist?: string[] | undefined },
): EgressPolicy {
  return {
    hosts: config.hosts,
    narrowedTo: job.allowlist,
    schemes: config.schemes,
    ports: config.ports ?? (config.schemes.includes("http") ? [443, 80] : [443]),
    methods: config.methods,
    redirects: config.redirects,
    timeoutMs: Math.min(config.timeout_ms, job.timeout_ms ?? Infinity),
    maxResponseBytes: config.max_response_bytes,
    responseHeaders: config.response_headers,
  };
}
