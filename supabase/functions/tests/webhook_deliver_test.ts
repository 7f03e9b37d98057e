import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Webhook } from "standardwebhooks";
import { ACME, eventually, onStage, type Stage } from "./stage.ts";

const SECRETS = [3, 4].map((fill) => `whsec_${Buffer.alloc(32, fill).toString("base64")}`);
const BODY_OF_ANSWER = "an answer that no log may show";

interface Delivery {
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** A receiver on loopback that answers by path: `/503` with 503, `/flaky` with 500 once. */
function startReceiver() {
  const deliveries: Delivery[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname: path } = new URL(request.url);
    deliveries.push({
      path,
      headers: Object.fromEntries(request.headers),
      body: await request.text(),
    });
    const first = deliveries.filter((each) => each.path === path).length === 1;
    const status = path === "/flaky" ? (first ? 500 : 200) : Number(path.slice(1)) || 200;
    const headers: Record<string, string> = {};
    if (status === 503) headers["retry-after"] = "120";
    if (status === 302) headers["location"] = `http://127.0.0.1:${server.addr.port}/redirected`;
    return new Response(BODY_OF_ANSWER, { status, headers });
  });
  const to = (path: string) => deliveries.filter((each) => each.path === path);
  return { port: server.addr.port, to, stop: () => server.shutdown() };
}

async function rpc(stage: Stage, name: string, args: Record<string, unknown>): Promise<unknown> {
  const response = await stage.rpc(name, args);
  const text = await response.text();
  assert.ok(response.ok, text);
  return text === "" ? undefined : JSON.parse(text);
}

async function makeDestination(stage: Stage, name: string, url: string): Promise<void> {
  const secret = { p_tenant_id: ACME, p_name: name, p_value: SECRETS[0] };
  await rpc(stage, "jobforge_set_secret", secret);
  await rpc(stage, "jobforge_configure_connector", {
    p_tenant_id: ACME,
    p_connector: "connector.webhook.deliver",
    p_name: name,
    p_config: { url },
    p_secret_refs: [`vault:${name}`],
    p_enabled: true,
  });
}

async function enqueue(stage: Stage, destination: string, data: unknown): Promise<string> {
  const jobs = await stage.userJobs(ACME);
  const payload = { destination, event_type: "order.paid", data: data as string };
  return (await jobs.enqueueJob("connector.webhook.deliver", payload)).jobId;
}

async function jobIn(stage: Stage, id: string, status: string, attempts: number) {
  return await eventually(`job ${id} to be ${status} after ${attempts} or more`, async () => {
    const [job] = await stage.sql`
      select status, attempts, last_error, run_at, created_at from public.jobforge_jobs
      where tenant_id = ${ACME} and id = ${id}`;
    return job!.status === status && job!.attempts >= attempts ? job : undefined;
  });
}

function verified(delivery: Delivery, secret: string): unknown {
  return new Webhook(secret).verify(delivery.body, delivery.headers);
}

Deno.test("webhooks are delivered to a real receiver", async (t) => {
  const receiver = startReceiver();
  const base = `http://127.0.0.1:${receiver.port}`;
  await onStage(async (stage) => {
    await t.step("a receiver with the library of the specification accepts one", async () => {
      await makeDestination(stage, "good", `${base}/good`);
      const id = await enqueue(stage, "good", { order: 7 });
      const job = await jobIn(stage, id, "succeeded", 1);
      const [delivery] = receiver.to("/good");
      assert.deepEqual(verified(delivery!, SECRETS[0]!), {
        type: "order.paid",
        timestamp: job.created_at.toISOString(),
        data: { order: 7 },
      });
      assert.equal(delivery!.headers["webhook-id"], `msg_${id}`);
      const [row] = await stage.sql`
        select result from public.jobforge_job_results where job_id = ${id}`;
      assert.deepEqual(row!.result, { status: 200, attempt: 1, webhook_id: `msg_${id}` });
    });

    await t.step("one that fails once gets the same event with the same id again", async () => {
      await makeDestination(stage, "flaky", `${base}/flaky`);
      const id = await enqueue(stage, "flaky", { order: 8 });
      await jobIn(stage, id, "succeeded", 2);
      const [row] = await stage.sql`
        select extract(epoch from max(started_at) - min(finished_at))::float8 as waited
        from public.jobforge_job_attempts where job_id = ${id}`;
      assert.ok(row!.waited >= 4, `the second attempt came after ${row!.waited} s`);
      const [one, two] = receiver.to("/flaky");
      assert.equal(one!.headers["webhook-id"], two!.headers["webhook-id"]);
      assert.equal(one!.body, two!.body);
      assert.notEqual(one!.headers["webhook-signature"], two!.headers["webhook-signature"]);
      for (const each of [one!, two!]) verified(each, SECRETS[0]!);
    });

    await t.step("during a rotation receivers with either secret accept it", async () => {
      const args = { p_tenant_id: ACME, p_name: "good", p_value: SECRETS[1] };
      await rpc(stage, "jobforge_rotate_secret", args);
      await jobIn(stage, await enqueue(stage, "good", { order: 9 }), "succeeded", 1);
      const delivery = receiver.to("/good").at(-1)!;
      for (const secret of SECRETS) verified(delivery, secret);
      const [newest] = delivery.headers["webhook-signature"]!.split(" ");
      const headers = { ...delivery.headers, "webhook-signature": newest! };
      verified({ ...delivery, headers }, SECRETS[1]!);
    });

    await t.step(
      "410 pauses the destination, for the tenant to see and in the audit log",
      async () => {
        await makeDestination(stage, "gone", `${base}/410`);
        const first = await jobIn(stage, await enqueue(stage, "gone", 1), "failed", 1);
        assert.equal(first.last_error.code, "http_410");
        const second = await jobIn(stage, await enqueue(stage, "gone", 2), "failed", 1);
        assert.equal(second.last_error.code, "destination_paused");
        assert.equal(receiver.to("/410").length, 1);
        const listed = await fetch(`${stage.stack.url}/rest/v1/rpc/jobforge_list_destinations`, {
          method: "POST",
          headers: await stage.user(ACME),
        });
        const gone = (await listed.json()).find(({ name }: { name: string }) => name === "gone");
        assert.deepEqual([gone.status, gone.reason], ["paused", "the receiver answered 410 Gone"]);
        const [entry] = await stage.sql`
        select count(*)::int as entries from public.jobforge_audit_log
        where tenant_id = ${ACME} and action = 'pause_destination' and target = 'gone'`;
        assert.equal(entry!.entries, 1);
      },
    );

    await t.step("a redirect is not followed", async () => {
      await makeDestination(stage, "moved", `${base}/302`);
      const job = await jobIn(stage, await enqueue(stage, "moved", 1), "scheduled", 1);
      assert.equal(job.last_error.code, "http_302");
      assert.equal(receiver.to("/redirected").length, 0);
    });

    await t.step("an address that is not public is refused, and not tried again", async () => {
      await makeDestination(stage, "inside", `http://127.0.0.1:${receiver.port + 1}/`);
      const job = await jobIn(stage, await enqueue(stage, "inside", 1), "failed", 1);
      assert.equal(job.last_error.code, "egress_own_project");
    });

    await t.step("a busy host is left alone by every job of the tenant", async () => {
      await makeDestination(stage, "busy", `${base}/503`);
      const first = await jobIn(stage, await enqueue(stage, "busy", 1), "scheduled", 1);
      assert.ok(first.run_at.getTime() - Date.now() > 60_000);
      const second = await enqueue(stage, "good", { order: 10 });
      const count = receiver.to("/good").length;
      const postponed = await eventually("the second job to be put off", async () => {
        const [job] = await stage.sql`
          select attempts, run_at from public.jobforge_jobs
          where tenant_id = ${ACME} and id = ${second}
            and run_at > now() + interval '1 minute'`;
        return job;
      });
      assert.equal(postponed.attempts, 0);
      assert.equal(receiver.to("/good").length, count);
    });

    await t.step("no secret, no signature and no answer is in a table or in the log", async () => {
      const [dump] = await stage.sql`
        select concat(
          (select json_agg(j) from public.jobforge_jobs as j),
          (select json_agg(a) from public.jobforge_job_attempts as a),
          (select json_agg(r) from public.jobforge_job_results as r),
          (select json_agg(l) from public.jobforge_audit_log as l)) as text`;
      const text = dump!.text + stage.stack.logs("worker").join("\n");
      assert.match(text, /http_410/);
      assert.doesNotMatch(text, /whsec_|v1,|no log may show/);
      for (const secret of SECRETS) assert.ok(!text.includes(secret.slice(6)));
    });
  }, { JOBFORGE_LOCAL_EGRESS: `127.0.0.1:${receiver.port}` });
  await receiver.stop();
});
