import type { Context } from "hono";
import { JobForgeError } from "../../core/errors.ts";
import { toProblem } from "../../core/http/problem.ts";
import type { RunLog } from "../../worker/ports.ts";

/** Returns an error as problem+json. Errors of the server (5xx) are logged. */
export function problemResponse(
  c: Context,
  thrown: unknown,
  log: RunLog,
  traceId?: string,
): Response {
  const { problem, headers } = toProblem(thrown, traceId);
  if (problem.status >= 500) {
    log.write("error", "request_failed", {
      route: c.req.routePath,
      method: c.req.method,
      status: problem.status,
      code: problem.code,
      trace_id: traceId,
      // Messages of foreign errors may quote a body, so only their names are logged.
      reason: thrown instanceof Error ? thrown.name : undefined,
      message: thrown instanceof JobForgeError ? thrown.message : undefined,
    });
  }
  return c.body(JSON.stringify(problem), problem.status as 500, headers);
}

/** Creates a handler for the methods a route does not have. */
export function onlyMethods(...allow: string[]): () => never {
  return () => {
    const message = `this route accepts only ${allow.join(", ")}`;
    throw new JobForgeError("method_not_allowed", message, { allow });
  };
}

/** A handler for paths that do not exist. */
export function noSuchRoute(): never {
  throw new JobForgeError("not_found", "there is no such route");
}
