import assert from "node:assert/strict";
import { join } from "node:path";
import { testProject } from "../../../local/test/test_project.ts";
import { parseJson, writeJson } from "../../../shared/core/encoding/exact_json.ts";
import { SENDERS } from "../../../shared/core/webhook/fake_senders.ts";
import {
  askDashboard,
  assertSame,
  clientOf,
  enqueueInSql,
  enqueueOverHttp,
  readOnPage,
  runCli,
} from "./exact_values/doors.ts";
import { KEPT, PAYLOAD, REFUSED, TWICE } from "./exact_values/values.ts";
import { ACME, eventually, onStage, type Stage } from "./stage.ts";

const here = join(import.meta.dirname!, "exact_values");

async function onExactStage(use: (stage: Stage, host: Host) => Promise<void>): Promise<void> {
  const { files, remove } = await testProject({
    functions: {
      enqueue: `import "file://${join(here, "enqueue.ts")}";`,
      worker: `import "file://${join(here, "worker.ts")}";`,
      "webhook-verify": `import "file://${join(here, "../../webhook-verify/index.ts")}";`,
    },
  });
  try {
    await withHost((host) =>
      onStage((stage) => use(stage, host), { JOBFORGE_LOCAL_EGRESS: host.address }, {}, {
        functions: files.functions,
      })
    );
  } finally {
    await remove();
  }
}

/** A host on loopback that jobs call, and the last body that it received. */
interface Host {
  address: string;
  port: number;
  body: string;
}

async function withHost(use: (host: Host) => Promise<void>): Promise<void> {
  const host: Host = { address: "", port: 0, body: "" };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    host.body = await request.text();
    return new Response();
  });
  host.port = server.addr.port;
  host.address = `127.0.0.1:${host.port}`;
  try {
    await use(host);
  } finally {
    await server.shutdown();
  }
}

interface Stored {
  payload: string;
  status: string;
  progress: string;
  result: string;
  code: string;
  message: string;
}

/** What the database has of a job when it has ended. */
function endOf(stage: Stage, jobId: string): Promise<Stored> {
  return eventually(`the end of ${jobId}`, async () => {
    const [row] = await stage.sql<Stored[]>`
      select j.payload::text, j.status, j.progress::text, r.result::text,
        j.last_error ->> 'code' as code, j.last_error ->> 'message' as message
      from public.jobforge_jobs as j
      left join public.jobforge_job_results as r on r.tenant_id = j.tenant_id and r.job_id = j.id
      where j.id = ${jobId} and j.status in ('succeeded', 'failed', 'dead')`;
    return row;
  });
}

/** The enqueues: each makes a job of the payload and returns its ID. */
const DOORS_IN: Record<string, (stage: Stage) => Promise<string>> = {
  "the function enqueue": (stage) => enqueueOverHttp(stage, PAYLOAD),
  "SQL": (stage) => enqueueInSql(stage, PAYLOAD),
  "the client": async (stage) =>
    (await clientOf(stage).enqueueJob("exact.echo", parseJson(PAYLOAD))).jobId,
  "a batch of the client": async (stage) => {
    const jobs = [{ type: "exact.echo", payload: parseJson(PAYLOAD) } as const];
    return (await clientOf(stage).enqueueJobs(jobs))[0]!.jobId;
  },
  "a schedule of the client": async (stage) => {
    const client = clientOf(stage);
    const settings = { expression: "0 3 1 1 *", type: "exact.echo", payload: parseJson(PAYLOAD) };
    const schedule = await client.configureSchedule("client", settings);
    await assertSame(stage, writeJson(schedule.payload), PAYLOAD);
    return (await client.runSchedule(schedule.id)).jobId!;
  },
  "a schedule of the command line": async (stage) => {
    const what = ["--expression", "0 3 1 1 *", "--type", "exact.echo", "--payload", PAYLOAD];
    const made = await runCli(stage, "schedules", "set", "cli", "-t", ACME, ...what, "--json");
    assert.equal(made.code, 0, made.err);
    const run = await runCli(stage, "schedules", "run", JSON.parse(made.out).id, "--json");
    return JSON.parse(run.out).job_id;
  },
  "a schedule of the dashboard": async (stage) => {
    const settings = `{"expression":"0 3 1 1 *","type":"exact.echo","payload":${PAYLOAD}}`;
    const body = `{"p_tenant_id":"${ACME}","p_name":"dashboard","p_settings":${settings}}`;
    const made = await askDashboard(stage, "call/jobforge_configure_schedule", body);
    return (await clientOf(stage).runSchedule(JSON.parse(made)[0].id)).jobId!;
  },
};

/** The reads: each returns the payload, the result and the progress of a job, as JSON. */
const DOORS_OUT: Record<string, (stage: Stage, jobId: string) => Promise<string[]>> = {
  "the function enqueue": async (stage, jobId) => {
    const user = await stage.user(ACME);
    const text = await (await stage.call(`enqueue/${jobId}`, user)).text();
    const { job, result } = parseJson(text) as { job: { progress: unknown }; result: unknown };
    return [writeJson(result), writeJson(job.progress)];
  },
  "the client": async (stage, jobId) => {
    const { payload, progress } = await clientOf(stage).getJob(jobId);
    const done = await clientOf(stage).waitForJob(jobId);
    return [payload, progress, done.result, done.progress].map((value) => writeJson(value));
  },
  "the command line": async (stage, jobId) => {
    const { out } = await runCli(stage, "show", jobId, "-t", ACME, "--payload", "--json");
    const { payload, progress, result } = parseJson(out) as Record<string, unknown>;
    return [payload, progress, result].map((value) => writeJson(value));
  },
  "the server of the dashboard": async (stage, jobId) => {
    const read = async (name: string) =>
      (parseJson(await askDashboard(stage, `read/${name}?tenant=${ACME}&job=${jobId}`)) as Record<
        string,
        unknown
      >[])[0]![name];
    return [writeJson(await read("payload")), writeJson(await read("result"))];
  },
  "the page of the dashboard": async (stage, jobId) => {
    const { payload } = await readOnPage(stage, "payload", jobId);
    const { result } = await readOnPage(stage, "result", jobId);
    const { progress } = await readOnPage(stage, "job", jobId);
    return [payload, result, progress].map((value) => writeJson(value));
  },
};

Deno.test("hard values pass every door as they are, or are refused", (t) =>
  onExactStage(async (stage, host) => {
    let last = "";
    for (const [name, enqueue] of Object.entries(DOORS_IN)) {
      await t.step(`in by ${name}, through a handler, and out as result and progress`, async () => {
        last = await enqueue(stage);
        const { message, payload, progress, result, status } = await endOf(stage, last);
        assert.equal(status, "succeeded", message);
        for (const stored of [payload, result, progress]) await assertSame(stage, stored, PAYLOAD);
      });
    }
    for (const [name, read] of Object.entries(DOORS_OUT)) {
      await t.step(`out by ${name}`, async () => {
        const texts = await read(stage, last);
        assert.ok(texts.length > 1);
        for (const text of texts) await assertSame(stage, text, PAYLOAD);
      });
    }
    await t.step("the progress of a waiting client", async () => {
      const client = clientOf(stage);
      const seen: string[] = [];
      const job = await client.enqueueJob("exact.echo", parseJson(PAYLOAD));
      const onProgress = (progress: unknown) => void seen.push(writeJson(progress));
      await client.waitForJob(job, { onProgress });
      assert.ok(seen.length > 0);
      for (const text of seen) await assertSame(stage, text, PAYLOAD);
    });
    await t.step("the body of a request that a job sends", async () => {
      const { port } = host;
      const config = { hosts: ["127.0.0.1"], schemes: ["http"], ports: [port], methods: ["POST"] };
      const made = await stage.rpc("jobforge_configure_connector", {
        ...{ p_tenant_id: ACME, p_connector: "connector.http.request", p_name: "default" },
        ...{ p_config: config, p_secret_refs: [], p_enabled: true },
      });
      assert.ok(made.ok, await made.text());
      const request = `{"url":"http://${host.address}/","method":"POST","body":${PAYLOAD}}`;
      const jobId = await enqueueInSql(stage, request, "connector.http.request");
      const { message, status } = await endOf(stage, jobId);
      assert.equal(status, "succeeded", message);
      await assertSame(stage, host.body, PAYLOAD);
    });
    await webhookSteps(t, stage);
    await handlerSteps(t, stage);
    await refusalSteps(t, stage);
  }));

async function webhookSteps(t: Deno.TestContext, stage: Stage): Promise<void> {
  const { secret, send } = SENDERS.github;
  const set = { p_tenant_id: ACME, p_name: "hooks", p_value: secret };
  assert.ok((await stage.rpc("jobforge_set_secret", set)).ok);
  const made = await stage.rpc("jobforge_configure_connector", {
    ...{ p_tenant_id: ACME, p_connector: "webhook-verify", p_name: "hooks" },
    ...{ p_config: { scheme: "github", job_type: "exact.echo" }, p_enabled: true },
    p_secret_refs: ["vault:hooks"],
  });
  const id = await made.json();
  const receive = async (text: string) => {
    const { body, headers } = send(secret, text);
    const url = `${stage.stack.url}/functions/v1/webhook-verify/${id}`;
    const answer = await (await fetch(url, { method: "POST", headers, body })).json();
    return await endOf(stage, answer.job_id);
  };
  await t.step("in by a webhook, as the body", async () => {
    const { result } = await receive(PAYLOAD);
    await assertSame(stage, result, `{"body":${PAYLOAD}}`);
  });
  const texts = { ...REFUSED, "a name twice": { json: TWICE } };
  for (const [name, { json }] of Object.entries(texts)) {
    await t.step(`in by a webhook, ${name} as the text that was signed`, async () => {
      const body = `{"value":${json}}`;
      const { result } = await receive(body);
      const event = JSON.parse(result);
      assert.deepEqual([event.text, "body" in event], [body, false]);
    });
  }
}

async function handlerSteps(t: Deno.TestContext, stage: Stage): Promise<void> {
  await t.step("a row of the application reaches a handler that asks for its numbers", async () => {
    await stage.sql`create table invoices (id bigint, line int, total numeric)`;
    await stage.sql`
      insert into invoices values (1970670598291982290, 7, 12345678901234567.89)`;
    const [made] = await stage.sql`
      select job_id from invoices,
        public.jobforge_enqueue_job(${ACME}, 'exact.asked', to_jsonb(invoices))`;
    const { message, result, status } = await endOf(stage, made!.job_id);
    assert.equal(status, "succeeded", message);
    await assertSame(stage, result, '{"next":1970670598291982291,"line":7}');
    const done = await clientOf(stage).waitForJob(made!.job_id);
    assert.deepEqual(done.result, {
      ...{ next: 1970670598291982291n, line: 7n, total: "12345678901234567.89" },
    });
  });
  await t.step(
    "a handler for plain numbers fails with the place, not with a near one",
    async () => {
      const jobId = await enqueueInSql(stage, '{"id":1970670598291982290}', "exact.plain");
      const { code, message, status } = await endOf(stage, jobId);
      assert.deepEqual([status, code], ["failed", "invalid_payload"]);
      assert.match(
        message,
        /^id \(inexact_number\): no JavaScript number holds it: declare z\.bigint/,
      );
      assert.equal(
        await enqueueOverHttp(stage, '{"id":1970670598291982290}', "exact.plain"),
        "invalid_payload",
      );
    },
  );
  await t.step("a number that JavaScript holds is a number, however it is written", async () => {
    const jobId = await enqueueInSql(stage, '{"id":1e3}', "exact.plain");
    assert.equal((await endOf(stage, jobId)).result, "1000");
  });
}

async function refusalSteps(t: Deno.TestContext, stage: Stage): Promise<void> {
  for (const [name, { cli, client, http, json, sql }] of Object.entries(REFUSED)) {
    await t.step(`${name} is refused, or fails its job`, async () => {
      const payload = `{"value":${json}}`;
      assert.equal(await enqueueOverHttp(stage, payload), http);
      assert.equal(await enqueueOverHttp(stage, payload, "exact.record"), http);
      const jobs = clientOf(stage);
      await assert.rejects(jobs.enqueueJob("exact.echo", parseJson(payload)), { code: client });
      const made = await enqueueInSql(stage, payload, "exact.record");
      const isMade = made.length === 36;
      const end = isMade ? await endOf(stage, made) : undefined;
      assert.equal(end ? `${end.status}: ${end.code}` : made, sql);
      const what = ["--expression", "0 3 1 1 *", "--type", "exact.echo", "--payload", payload];
      const run = await runCli(stage, "schedules", "set", "refused", "-t", ACME, ...what);
      assert.notEqual(run.code, 0);
      assert.match(run.err, cli);
    });
  }
  await t.step("a name twice is refused, where JobForge reads the JSON", async () => {
    assert.equal(await enqueueOverHttp(stage, TWICE), "invalid_json");
    const what = ["--expression", "0 3 1 1 *", "--type", "exact.echo", "--payload", TWICE];
    const run = await runCli(stage, "schedules", "set", "twice", "-t", ACME, ...what);
    assert.deepEqual([run.code, run.err.includes("has a twice")], [2, true]);
  });
  assert.ok(Object.keys(KEPT).length > 15);
}
