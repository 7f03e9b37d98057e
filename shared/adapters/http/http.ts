import type { Context } from "hono";
import { JobForgeError } from "../../core/errors.ts";
import { toProblem } from "../../core/http/problem.ts";
import type { RunLog } from "../../worker/ports.ts";

/** Answers an error as problem+json and logs it when it is ours to look into (5xx). */
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
      // Messages of foreign errors may quote a body: only their names are logged.
      reason: thrown instanceof Error ? thrown.name : undefined,
      message: thrown instanceof JobForgeError ? thrown.message : undefined,
    });
  }
  return c.body(JSON.stringify(problem), problem.status as 500, headers);
}

/** A handler for the methods a route does not have. */
export function onlyMethods(...allow: string[]): () => never {
  return () => {
    const message = `this route takes ${allow.join(", ")} only`;
    throw new JobForgeError("method_not_allowed", message, { allow });
  };
}

/** A handler for paths that do not exist. */
export function noSuchRoute(): never {
  throw new JobForgeError("not_found", "there is no such route");
}
