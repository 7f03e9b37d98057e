import assert from "node:assert/strict";
import * as z from "zod";
import { createJobForge } from "../client.ts";
import { defineJob } from "../core/job/job_type.ts";
import { ENQUEUED, fakeSupabase, ID, row } from "./fake_supabase.ts";

const definitions = [
  defineJob({
    type: "mail.send",
    payload: z.strictObject({ to: z.string(), copies: z.int().default(1) }),
    result: z.object({ sent: z.int() }),
  }),
  defineJob({ type: "noop" }),
] as const;

Deno.test("a payload that does not fit is refused before anything is sent", async () => {
  const { supabase, asked } = fakeSupabase([]);
  const jobs = createJobForge(supabase, { definitions });
  const wrong = { to: 1 } as unknown as { to: string };
  await assert.rejects(jobs.enqueueJob("mail.send", wrong), { code: "invalid_payload" });
  const other = "mail.sent" as "mail.send";
  await assert.rejects(jobs.enqueueJob(other, { to: "a" }), {
    code: "unknown_type",
    message: "unknown job type: there are mail.send, noop",
  });
  assert.deepEqual(asked, []);
});

function cycle(): unknown {
  const value: Record<string, unknown> = { lines: [] };
  (value.lines as unknown[]).push({ order: value });
  return value;
}

const UNSENDABLE: [what: string, payload: unknown, message: RegExp][] = [
  ["a cycle", cycle(), /lines\.0\.order refers to an object around it/],
  ["NaN", { rate: NaN }, /rate is NaN or infinite/],
  ["an infinity", [[-Infinity]], /0\.0 is NaN or infinite/],
  ["half of a surrogate pair", { a: { b: "\ud800" } }, /a\.b has a NUL or half of a surrogate/],
  ["a NUL in a name", { "a\0": 1 }, /has a NUL/],
  ["a function", () => 1, /\(root\) is no JSON/],
  ["a Map", { by_id: new Map([[1, 2]]) }, /by_id is a Map or a Set/],
  ["forty levels", nested(40), /must be nested less than 32 deep/],
];

for (const [what, payload, message] of UNSENDABLE) {
  Deno.test(`a payload with ${what} is refused with its place, not sent as another one`, async () => {
    const { supabase, asked } = fakeSupabase([]);
    const jobs = createJobForge(supabase);
    await assert.rejects(jobs.enqueueJob("a", payload), { code: "invalid_argument", message });
    await assert.rejects(jobs.enqueueJobs([{ type: "a", payload: {} }, { type: "a", payload }]), {
      ...{ code: "invalid_argument", message: /^jobs\.1: / },
    });
    const schedule = { expression: "60 seconds", payload };
    await assert.rejects(jobs.configureSchedule("s", schedule), {
      ...{ code: "invalid_argument", message },
    });
    const unsent = { code: "invalid_argument", message: /^the data cannot be sent: / };
    await assert.rejects(jobs.publish("order.paid", payload), unsent);
    assert.deepEqual(asked, []);
  });
}

function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)];
}

Deno.test("a message without data is refused before it is sent", async () => {
  const { supabase, asked } = fakeSupabase([]);
  const jobs = createJobForge(supabase);
  await assert.rejects(jobs.publish("order.paid", undefined), { code: "invalid_argument" });
  assert.deepEqual(asked, []);
});

Deno.test("a member called __proto__ is refused", async () => {
  const jobs = createJobForge(fakeSupabase([]).supabase);
  const payload = JSON.parse('{"a":{"__proto__":1}}');
  await assert.rejects(jobs.enqueueJob("a", payload), {
    ...{ code: "invalid_payload", message: /a\.__proto__ \(reserved_name\)/ },
  });
});

Deno.test("a BigInt is sent as a number, by any JSON.stringify", async () => {
  const { supabase, asked } = fakeSupabase([ENQUEUED]);
  await createJobForge(supabase).enqueueJob("a", { id: 1970670598291982290n, small: 5n });
  assert.equal(
    JSON.stringify(asked),
    '[["jobforge_enqueue_job",{"p_type":"a","p_payload":{"id":1970670598291982290,"small":5}}]]',
  );
});

Deno.test("numbers of a job stay what they are", async () => {
  const large = "1970670598291982290";
  const texts = {
    progress: `[${large}]`,
    payload: `{"id":${large}}`,
    result: "0.12345678901234567890",
  };
  const answer = { data: { id: ID, type: "a", status: "succeeded", ...texts } };
  const { supabase } = fakeSupabase([answer, answer]);
  const jobs = createJobForge(supabase);
  const { payload, progress } = await jobs.getJob(ID);
  assert.deepEqual([payload, progress], [{ id: BigInt(large) }, [BigInt(large)]]);
  assert.equal(String((await jobs.waitForJob(ID)).result), "0.12345678901234567890");
});

Deno.test("a result has bigints where its declaration has them", async () => {
  const count = defineJob({ type: "mail.send", result: z.object({ rows: z.array(z.bigint()) }) });
  const { supabase } = fakeSupabase([ENQUEUED, row("succeeded", null, { rows: [1, 2] })]);
  const jobs = createJobForge(supabase, { definitions: [count] });
  const done = await jobs.waitForJob(await jobs.enqueueJob("mail.send", {}));
  assert.deepEqual(done.result, { rows: [1n, 2n] });
});
