import assert from "node:assert/strict";
import { Hono } from "hono";
import { JobForgeError } from "../../core/errors.ts";
import { problemResponse } from "./http.ts";

/** The traces of a thrown value in the log and in the answer. */
async function traces(thrown: unknown): Promise<{ log: string; answer: string }> {
  const lines: unknown[] = [];
  const app = new Hono();
  app.get("/", () => Promise.reject(thrown));
  app.onError((error, c) => {
    return problemResponse(c, error, { write: (...line: unknown[]) => void lines.push(line) });
  });
  const response = await app.request("/");
  return { log: JSON.stringify(lines), answer: await response.text() };
}

Deno.test("of a foreign error the log has the name and the answer nothing", async () => {
  const { answer, log } = await traces(new TypeError("planted at select * from jobforge_jobs"));
  assert.match(log, /TypeError/);
  assert.doesNotMatch(log + answer, /planted|select/);
});

Deno.test("an error of ours that is no fault is not logged", async () => {
  const { answer, log } = await traces(new JobForgeError("not_found", "no such job"));
  assert.equal(log, "[]");
  assert.match(answer, /no such job/);
});
