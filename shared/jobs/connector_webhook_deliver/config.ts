import * as z from "zod";
import { type EgressPolicy, singleHostPolicy } from "../../core/egress/policy.ts";
import type { CheckedUrl } from "../../core/egress/url.ts";
import { PermanentError } from "../../core/job/handler.ts";

const config = z.strictObject({
  url: z.string(),
  timeout_ms: z.int().min(1_000).max(30_000).default(15_000),
  headers: z.record(z.string(), z.string()).default({}),
  /** The subscriptions, which only the database reads. */
  event_types: z.array(z.string()).default([]),
});

/** A configuration of connector.webhook.deliver with its defaults. */
export type DeliverConfig = z.output<typeof config>;

/**
 * Reads a configuration. The database checked it, so a validation error means another version wrote
 * it.
 */
export function readConfig(stored: unknown): DeliverConfig {
  const parsed = config.safeParse(stored);
  if (parsed.success) return parsed.data;
  throw new PermanentError("the configuration is invalid for this version of the worker", {
    code: "connector_misconfigured",
  });
}

/**
 * Returns the policy of a destination: one host, one port, POST, https, no redirect. Plain http is
 * only for loopback, and only when the project itself runs there.
 */
export function policyFor(url: CheckedUrl, { timeout_ms }: DeliverConfig): EgressPolicy {
  const policy = singleHostPolicy(url.host, {
    ports: [url.port],
    methods: ["POST"],
    timeoutMs: timeout_ms,
    maxResponseBytes: 0,
  });
  return url.host === "127.0.0.1" ? { ...policy, schemes: ["https", "http"] } : policy;
}
