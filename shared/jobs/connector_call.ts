import type { ConnectorApi, OpenedConnector } from "../adapters/data_api/connector_api.ts";
import type { ResolveSecrets } from "../adapters/data_api/secrets.ts";
import type { Egress, EgressRequest, EgressResponse } from "../adapters/egress/egress.ts";
import type { EgressPolicy } from "../core/egress/policy.ts";
import { EgressFailed, EgressRefused } from "../core/egress/refusal.ts";
import { JobForgeError } from "../core/errors.ts";
import { type JobContext, PermanentError, PostponeError, RetryError } from "../core/job/handler.ts";

/** The dependencies of the connectors' handlers. */
export interface ConnectorDeps {
  connectors: ConnectorApi;
  egress: Egress;
  resolveSecrets: ResolveSecrets;
  /** A number in [0, 1). */
  random(): number;
}

/**
 * Opens a tenant's configuration for a host, by default the host of its URL. Throws PermanentError
 * when it is missing or disabled, PostponeError while the host is closed, RetryError when the
 * database is unreachable.
 */
export async function openConnector(
  deps: ConnectorDeps,
  ctx: JobContext,
  connector: string,
  name: string,
  host: string | undefined,
): Promise<OpenedConnector> {
  const opened = await orOutcome(
    () => deps.connectors.open(ctx.tenantId, connector, name, host, ctx.signal),
    `${connector} "${name}"`,
  );
  requireEnabled(opened, `${connector} "${name}"`);
  requireOpenHost(opened, deps);
  return opened;
}

/** Throws PermanentError for a disabled configuration. */
export function requireEnabled(
  { enabled }: OpenedConnector,
  what: string,
  code = "connector_disabled",
): void {
  if (enabled) return;
  throw new PermanentError(`the ${what} is disabled`, { code });
}

/** Throws PostponeError while the host of a connector is closed. */
export function requireOpenHost(
  { closed_ms }: OpenedConnector,
  { random }: Pick<ConnectorDeps, "random">,
): void {
  if (closed_ms === null) return;
  throw new PostponeError("the host asked for a pause", {
    afterMs: spread(closed_ms, random()),
    code: "host_closed",
  });
}

/** Sends a request. A refusal fails the job for good, a failure on the way retries it. */
export async function callOut(
  deps: ConnectorDeps,
  ctx: JobContext,
  request: EgressRequest,
  policy: EgressPolicy,
): Promise<EgressResponse> {
  try {
    return await deps.egress(request, policy, ctx.signal);
  } catch (thrown) {
    throw asOutcome(thrown);
  }
}

/** Runs a check of the egress policy. A refusal fails the job for good. */
export function checked<T>(check: () => T): T {
  try {
    return check();
  } catch (thrown) {
    throw asOutcome(thrown);
  }
}

const BUSY = new Set([429, 503]);

/**
 * Returns the error of an answer that is worth another attempt. A host that asked for a pause is
 * closed for all jobs of the tenant.
 */
export async function retryAnswer(
  deps: ConnectorDeps,
  ctx: JobContext,
  host: string,
  answer: EgressResponse,
): Promise<RetryError> {
  const { status, retryAfterMs: waitMs } = answer;
  const code = `http_${status}`;
  const message = `the host answered ${status}`;
  if (waitMs === undefined) return new RetryError(message, { code });
  // If closing fails, this job still waits, and the host gives the next one the same answer.
  if (BUSY.has(status)) await deps.connectors.closeHost(ctx.tenantId, host, waitMs).catch(() => {});
  return new RetryError(message, { code, afterMs: spread(waitMs, deps.random()) });
}

/**
 * Returns the pause plus up to half of it, so that the jobs of a closed host do not all return at
 * once.
 */
export function spread(ms: number, random: number): number {
  return Math.round(ms + random * Math.min(Math.max(ms / 2, 1_000), 30_000));
}

/** Opens a configuration. `what` names it in the error of one that is missing. */
export async function orOutcome<Opened>(
  open: () => Promise<Opened>,
  what: string,
): Promise<Opened> {
  try {
    return await open();
  } catch (thrown) {
    if (!(thrown instanceof JobForgeError)) throw thrown;
    if (thrown.code === "not_found") {
      throw new PermanentError(`there is no ${what}`, { code: "connector_not_found" });
    }
    throw new RetryError("the connector could not be opened", { code: thrown.code });
  }
}

function asOutcome(thrown: unknown): unknown {
  if (thrown instanceof EgressRefused) {
    return new PermanentError(thrown.message, { code: thrown.code });
  }
  if (thrown instanceof EgressFailed) return new RetryError(thrown.message, { code: thrown.code });
  return thrown;
}
