import assert from "node:assert/strict";
import { ACME, GLOBEX, onStage, type Stage } from "./stage.ts";

const ECHO = { type: "system.probe", payload: { echo: "hello" } };

async function enqueued(stage: Stage, body: unknown, headers: Record<string, string>) {
  const response = await stage.call("enqueue", headers, body);
  const text = await response.text();
  assert.equal(response.status, 202, text);
  return JSON.parse(text);
}

async function refusal(response: Response): Promise<[number, string]> {
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const text = await response.text();
  assert.doesNotMatch(text, /select |jobforge\.|\.ts:\d|sb_secret|row/i);
  return [response.status, JSON.parse(text).code];
}

Deno.test("enqueue over HTTP on a real database", (t) =>
  onStage(async (stage) => {
    await t.step("a user's job runs and its result comes back", async () => {
      const headers = await stage.user(ACME);
      const { job_id } = await enqueued(stage, ECHO, headers);
      const shown = await (await stage.call(`enqueue/${job_id}?wait=20`, headers)).json();
      assert.equal(shown.job.status, "succeeded");
      assert.equal(shown.job.tenant_id, ACME);
      assert.deepEqual(shown.result, { attempt: 1, echo: "hello" });
    });

    await t.step("a secret key enqueues for the tenant it names", async () => {
      const headers = { apikey: stage.stack.secretKey };
      const { job_id } = await enqueued(stage, { ...ECHO, tenant_id: GLOBEX }, headers);
      const path = `enqueue/${job_id}?wait=20&tenant_id=${GLOBEX}`;
      assert.equal((await (await stage.call(path, headers)).json()).job.status, "succeeded");
    });

    await t.step("another tenant's job is not there", async () => {
      const { job_id } = await enqueued(stage, ECHO, await stage.user(ACME));
      const globex = await stage.user(GLOBEX);
      const response = await stage.call(`enqueue/${job_id}`, globex);
      assert.deepEqual(await refusal(response), [404, "not_found"]);
      const aimed = await stage.call(`enqueue/${job_id}?tenant_id=${ACME}`, globex);
      assert.deepEqual(await refusal(aimed), [403, "forbidden"]);
    });

    await t.step("a user cannot enqueue for another tenant", async () => {
      const body = { ...ECHO, tenant_id: ACME };
      const response = await stage.call("enqueue", await stage.user(GLOBEX), body);
      assert.deepEqual(await refusal(response), [403, "forbidden"]);
    });

    await t.step(
      "a repeat is answered with the first job, another payload is refused",
      async () => {
        const headers = { ...await stage.user(ACME), "idempotency-key": '"order-1"' };
        const first = await enqueued(stage, ECHO, headers);
        const repeat = await stage.call("enqueue", headers, ECHO);
        assert.equal(repeat.status, 200);
        const { job_id, duplicate } = await repeat.json();
        assert.deepEqual([job_id, duplicate], [first.job_id, true]);
        const other = { ...ECHO, payload: { echo: "other" } };
        const response = await stage.call("enqueue", headers, other);
        assert.deepEqual(await refusal(response), [422, "idempotency_mismatch"]);
      },
    );

    await t.step("a batch is one transaction", async () => {
      const headers = await stage.user(ACME);
      const { jobs } = await enqueued(stage, { jobs: Array(50).fill(ECHO) }, headers);
      assert.equal(new Set(jobs.map((job: { job_id: string }) => job.job_id)).size, 50);
      const before = await countJobs(stage);
      const bad = { jobs: [ECHO, { ...ECHO, queue: "not-made" }] };
      const response = await stage.call("enqueue", headers, bad);
      assert.deepEqual(await refusal(response), [404, "not_found"]);
      assert.equal(await countJobs(stage), before);
    });

    await t.step("a full queue is 429 with Retry-After", async () => {
      await stage.sql`
        select jobforge_configure_queue(${GLOBEX}, 'default', '{"max_queued": 0, "paused": true}')`;
      const response = await stage.call("enqueue", await stage.user(GLOBEX), ECHO);
      assert.ok(response.headers.get("retry-after"));
      assert.deepEqual(await refusal(response), [429, "queue_full"]);
    });

    const expired = await stage.stack.signUserToken({ tenantId: ACME, expiresIn: -60 });
    const nowhere = await stage.stack.signUserToken({});
    const forged = `${expired.split(".").slice(0, 2).join(".")}.AAAA`;
    const { publishableKey: apikey } = stage.stack;
    const bearers: [string, string, [number, string]][] = [
      ["an expired token", expired, [401, "unauthenticated"]],
      ["a forged token", forged, [401, "unauthenticated"]],
      ["a token without tenant", nowhere, [403, "forbidden"]],
    ];
    for (const [what, token, expected] of bearers) {
      await t.step(`${what} enqueues nothing`, async () => {
        const headers = { authorization: `Bearer ${token}`, apikey };
        assert.deepEqual(await refusal(await stage.call("enqueue", headers, ECHO)), expected);
      });
    }

    await t.step("a made-up secret key enqueues nothing", async () => {
      const headers = { apikey: ["sb", "secret", "madeup"].join("_") };
      const body = { ...ECHO, tenant_id: ACME };
      assert.deepEqual(await refusal(await stage.call("enqueue", headers, body)), [
        401,
        "unauthenticated",
      ]);
    });
  }));

async function countJobs(stage: Stage): Promise<number> {
  const [row] = await stage.sql`select count(*)::int as jobs from public.jobforge_jobs`;
  return row!.jobs;
}
