import assert from "node:assert/strict";
import { JobForgeError } from "../errors.ts";
import { toProblem } from "./problem.ts";

Deno.test("an error becomes a problem document with its stable code", () => {
  const issues = [{ path: "a.b", rule: "invalid_type" }];
  const { problem, headers } = toProblem(
    new JobForgeError("invalid_payload", "does not fit", { issues }),
    "0af7651916cd43dd8448eb211c80319c",
  );
  assert.deepEqual(problem, {
    type: "urn:jobforge:error:invalid_payload",
    title: "The payload does not fit the job type",
    status: 400,
    detail: "does not fit",
    code: "invalid_payload",
    trace_id: "0af7651916cd43dd8448eb211c80319c",
    issues,
  });
  assert.equal(headers["content-type"], "application/problem+json");
});

Deno.test("an unknown error reveals nothing about itself", () => {
  const { problem } = toProblem(new Error("select * from secrets at /app/x.ts:3"));
  assert.equal(problem.code, "internal");
  assert.equal(problem.status, 500);
  assert.doesNotMatch(JSON.stringify(problem), /secrets|x\.ts/);
});

Deno.test("429 and 503 have a Retry-After", () => {
  const full = new JobForgeError("queue_full", "full", { retryAfterSeconds: 9 });
  assert.equal(toProblem(full).headers["retry-after"], "9");
  assert.equal(toProblem(new JobForgeError("unavailable", "")).headers["retry-after"], "1");
  assert.equal(toProblem(new JobForgeError("busy", "")).headers["retry-after"], "1");
  assert.equal(toProblem(new JobForgeError("not_found", "")).headers["retry-after"], undefined);
  assert.equal(toProblem(new JobForgeError("wrong_state", "")).headers["retry-after"], undefined);
});

Deno.test("a full queue reports its limit in the RateLimit fields", () => {
  const quota = { limit: 100, remaining: 3 };
  const full = toProblem(new JobForgeError("queue_full", "", { quota, retryAfterSeconds: 9 }));
  assert.equal(full.headers["ratelimit-policy"], '"queue";q=100');
  assert.equal(full.headers["ratelimit"], '"queue";r=3;t=9');
  const busy = toProblem(new JobForgeError("unavailable", ""));
  assert.equal(busy.headers["ratelimit"], undefined);
});

Deno.test("405 names the methods of the route, 401 the scheme", () => {
  const wrong = new JobForgeError("method_not_allowed", "", { allow: ["GET", "OPTIONS"] });
  assert.equal(toProblem(wrong).headers["allow"], "GET, OPTIONS");
  const unauthenticated = toProblem(new JobForgeError("unauthenticated", ""));
  assert.match(unauthenticated.headers["www-authenticate"] ?? "", /^Bearer/);
});
