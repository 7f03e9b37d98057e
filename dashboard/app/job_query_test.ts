import assert from "node:assert/strict";
import { filterOf, filterQuery, jobQuery } from "./job_query.ts";

function query(text: string) {
  return jobQuery(new URLSearchParams(text));
}

Deno.test("an address becomes the filter the database takes", () => {
  const given =
    "status=dead,failed,lost,scheduled&type=a&queue=q&error=gone&after=2026-01-01T00:00Z&from=x";
  assert.deepEqual(filterOf(query(given)), {
    status: ["scheduled", "failed", "dead"],
    type: "a",
    queue: "q",
    error_code: "gone",
    created_after: "2026-01-01T00:00:00.000Z",
  });
});

Deno.test("an empty query filters nothing, and an invalid time is ignored", () => {
  assert.deepEqual(filterOf(query("")), {});
  assert.deepEqual(filterOf(query("after=yesterday&status=")), {});
});

Deno.test("an address without the page keeps the filter", () => {
  assert.deepEqual(filterQuery(query("status=dead&type=a&from=x")), { status: "dead", type: "a" });
});
