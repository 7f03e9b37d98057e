import { Hono } from "hono";
import * as z from "zod";
import { readCapped, requireJsonType } from "../../../shared/adapters/http/body.ts";
import { parseJson } from "../../../shared/adapters/http/body.ts";
import { noSuchRoute, onlyMethods, problemResponse } from "../../../shared/adapters/http/http.ts";
import type { KeyMatcher } from "../../../shared/adapters/http/key_match.ts";
import { readCredential } from "../../../shared/core/http/credential.ts";
import { JobForgeError } from "../../../shared/core/errors.ts";
import { VERSION } from "../../../shared/core/version.ts";
import { PROMETHEUS_TEXT } from "../../../shared/core/metrics/prometheus.ts";
import { invalidRequest } from "../../../shared/core/job/job_request.ts";
import { issuesOf } from "../../../shared/core/job/payload.ts";
import type { RunLog } from "../../../shared/worker/ports.ts";

/** What the worker's routes need. */
export interface WorkerDeps {
  /**
   * Redeems a ticket, or starts a run without one, and returns the run's id. Throws
   * `runs_exhausted` when as many runs are live as may be.
   */
  startRun(ticket: RunTicket | undefined): Promise<number>;
  /** Begins to drain in the background. */
  launch(runId: number): void;
  liveRuns(): number;
  /** Stores the URL of a project that has none. Never rejects. */
  announce(): Promise<void>;
  /** Why the schema did not serve the version of this worker at its last call. */
  versionProblem(): string | undefined;
  /** The metrics of the project in Prometheus' text format. */
  metrics(): Promise<string>;
  isSecretKey: KeyMatcher;
  /** The service_role JWT, which may also come as Bearer. */
  isLegacyServiceKey: KeyMatcher;
  log: RunLog;
}

/** A one-time credential of the dispatcher. */
export type RunTicket = z.output<typeof ticketBody>;

const MAX_BODY_BYTES = 4 * 1024;
const ticketBody = z.strictObject({
  run_id: z.int().positive(),
  ticket: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * The worker, below the name under which it is deployed: POST starts a run, GET …/health reports
 * that it is up, after a new project has stored its URL, and GET …/metrics returns metrics to
 * operators.
 */
export function createApp(deps: WorkerDeps): Hono {
  const app = new Hono({ strict: false }).basePath("/:function");
  app.post("/", async (c) => {
    const ticket = await authorize(c.req.raw, deps);
    try {
      const runId = await deps.startRun(ticket);
      deps.launch(runId);
      return c.json({ run_id: runId }, 202);
    } catch (thrown) {
      if (!ticket || !isExhausted(thrown)) throw thrown;
      // A call is a hint. When enough runs are live, there is nothing to do.
      return c.json({ run_id: null, code: thrown.code }, 200);
    }
  });
  app.all("/", onlyMethods("POST"));
  app.get("/health", async (c) => {
    await deps.announce();
    const problem = deps.versionProblem();
    if (problem !== undefined) throw new JobForgeError("version_mismatch", problem);
    return c.json({ status: "ok", version: VERSION, live_runs: deps.liveRuns() });
  });
  app.all("/health", onlyMethods("GET"));
  app.get("/metrics", async (c) => {
    await requireSecretKey(c.req.raw, deps);
    const headers = { "content-type": PROMETHEUS_TEXT, "cache-control": "no-store" };
    return c.body(await deps.metrics(), 200, headers);
  });
  app.all("/metrics", onlyMethods("GET"));
  app.notFound(noSuchRoute);
  app.onError((thrown, c) => problemResponse(c, thrown, deps.log));
  return app;
}

function isExhausted(thrown: unknown): thrown is JobForgeError {
  return thrown instanceof JobForgeError && thrown.code === "runs_exhausted";
}

/** Returns the ticket of the body, or undefined for an operator with a secret key and no body. */
async function authorize(request: Request, deps: WorkerDeps): Promise<RunTicket | undefined> {
  const body = await readCapped(request, MAX_BODY_BYTES);
  if (body.length > 0) return readTicket(request, body);
  await requireSecretKey(request, deps);
  return undefined;
}

async function requireSecretKey({ headers }: Request, deps: WorkerDeps): Promise<void> {
  // It refuses two credentials that disagree, so the wider one cannot win.
  const credential = readCredential(headers.get("authorization"), headers.get("apikey"));
  const key = credential.kind === "service" ? credential.key : "";
  const admitted = await Promise.all([deps.isSecretKey(key), deps.isLegacyServiceKey(key)]);
  if (!admitted.includes(true)) throw refused("a secret key is needed, or a ticket to start a run");
}

function readTicket(request: Request, body: Uint8Array): RunTicket {
  requireJsonType(request);
  const value = parseJson(body);
  const parsed = ticketBody.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidRequest(issuesOf(parsed.error, value));
}

function refused(message: string): JobForgeError {
  return new JobForgeError("unauthenticated", message);
}
