import assert from "node:assert/strict";
import { withoutLeaks } from "./leaks.ts";

const problem = (detail: string) =>
  new Response(JSON.stringify({ code: "internal", detail }), {
    status: 500,
    headers: { "content-type": "application/problem+json" },
  });

const LEAKING = [
  "select id from jobs where tenant_id = $1",
  'new row for relation "jobs" violates check constraint',
  "DETAIL: Failing row contains (1, 2)",
  "Key (tenant_id)=(1) already exists.",
  "function jobforge.enqueue(uuid) does not exist",
  "TypeError: x\n    at handle (file:///app/index.ts:3:1)",
  "cannot read /home/deno/functions/.env",
  ["sb", "secret", "abc"].join("_"),
  ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxIn0", "abc"].join("."),
  "connect to postgresql://postgres@db:5432 failed",
];

for (const text of LEAKING) {
  Deno.test(`an answer with "${text.slice(0, 24)}…" is noticed`, async () => {
    await assert.rejects(withoutLeaks(problem(text)), { name: "AssertionError" });
  });
}

Deno.test("an error that is no problem document is noticed", async () => {
  await assert.rejects(withoutLeaks(new Response("oops", { status: 500 })));
});

Deno.test("an answer without any of that passes, unread", async () => {
  const response = await withoutLeaks(problem("something went wrong here"));
  assert.equal((await response.json()).code, "internal");
});
