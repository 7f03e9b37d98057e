import { ACME, eventually, type Stage } from "../stage.ts";
import { signWith, userClaims } from "../tokens.ts";
import type { PlantedSecrets } from "./secrets.ts";
import type { Answer } from "./search.ts";

/** What a flow works with. */
export interface Scene {
  stage: Stage;
  plantedSecrets: PlantedSecrets;
  /** Calls a function with planted secrets in headers, and keeps the answer for the sweep. */
  call(path: string, headers: Record<string, string>, body?: unknown): Promise<Response>;
  /** Port of a host on loopback that the worker may call. */
  port: number;
  /** Headers of a user whose token is full of planted secrets. */
  user: Record<string, string>;
}

/** A way through the system that a secret could take. Add one for each new feature. */
export interface Flow {
  name: string;
  run(scene: Scene): Promise<void>;
}

/** Makes the scene of one flow. Every answer goes to `answers`. */
export async function sceneOf(
  stage: Stage,
  plantedSecrets: PlantedSecrets,
  flow: string,
  answers: Answer[],
  port: number,
): Promise<Scene> {
  const { keys, publishableKey: apikey, url } = stage.stack;
  const claims = userClaims(url, ACME, {
    email: `${plantedSecrets.claim}@example.com`,
    user_metadata: { full_name: plantedSecrets.claim },
  });
  const user = { authorization: `Bearer ${await signWith(keys.jwtSecret, claims)}`, apikey };
  const planted = {
    "x-planted": plantedSecrets.header,
    cookie: `session=${plantedSecrets.cookie}`,
    tracestate: `planted=${plantedSecrets.header}`,
  };
  return {
    stage,
    plantedSecrets,
    port,
    user,
    async call(path, headers, body) {
      const response = await stage.call(path, { ...planted, ...headers }, body);
      answers.push({ flow, text: await textOf(response.clone()) });
      return response;
    },
  };
}

/** Headers and body, without the result, which is the caller's own. */
async function textOf(response: Response): Promise<string> {
  const headers = [...response.headers].join("\n");
  const text = await response.text();
  const body = JSON.parse(text || "{}");
  delete body.result;
  return `${headers}\n${JSON.stringify(body)}`;
}

const probe = (payload: Record<string, unknown>) => ({ type: "system.probe", payload });

/** The body of a failing job: `planted.leak` fails by `how`, with secrets in its text. */
const leak = (how: string, { plantedSecrets }: Scene) => ({
  ...{ type: "planted.leak", max_attempts: 1 },
  payload: {
    how,
    text: `${plantedSecrets.errorKey} ${plantedSecrets.signingSecret} ` +
      `https://${plantedSecrets.errorPassword}@api.example.com/v1?key=${plantedSecrets.errorPassword}`,
  },
});

async function ended({ call, user }: Scene, made: Response): Promise<void> {
  const { job_id } = await made.json();
  await eventually("the end of the job", async () => {
    const { job } = await (await call(`enqueue/${job_id}?wait=10`, user)).json();
    return /scheduled|queued|running/.test(job.status) ? undefined : job;
  });
}

export const flows: Flow[] = [
  {
    name: "a user enqueues a job and waits for its result",
    async run(scene) {
      const body = probe({ echo: scene.plantedSecrets.result });
      await ended(scene, await scene.call("enqueue", scene.user, body));
    },
  },
  {
    name: "a service enqueues a batch under idempotency keys, twice, and with another payload",
    async run({ call, plantedSecrets }) {
      const headers = { apikey: plantedSecrets.secretKey };
      const job = { ...probe({ echo: plantedSecrets.payload }), idempotency_key: "order-1" };
      for (const jobs of [[job], [job], [{ ...job, payload: { echo: 1 } }]]) {
        await call("enqueue", headers, { tenant_id: ACME, jobs });
      }
    },
  },
  {
    name: "requests are refused: payload, type, body, query, credential, tenant",
    async run({ call, plantedSecrets, stage, user }) {
      const { refusedValue, query } = plantedSecrets;
      await call("enqueue", user, probe({ work_ms: refusedValue }));
      await call("enqueue", user, { type: refusedValue });
      await call("enqueue", user, `{"type": ${refusedValue}`);
      await call("enqueue", user, { ...probe({}), run_at: refusedValue });
      await call("enqueue", user, { ...probe({}), tenant_id: crypto.randomUUID() });
      await call("enqueue", user, { ...probe({}), queue: "not-made" });
      await call(`enqueue?token=${query}`, {}, probe({}));
      await call(`enqueue/${crypto.randomUUID()}?token=${query}`, user);
      await call(`enqueue/${query}`, user);
      await call(query, user).catch(() => {});
      await call("enqueue", { apikey: plantedSecrets.errorKey }, { ...probe({}), tenant_id: ACME });
      await call("enqueue", { ...user, apikey: stage.stack.secretKey }, probe({}));
    },
  },
  {
    name: "the worker is called with tickets and keys, right and wrong",
    async run({ call, plantedSecrets }) {
      await call("worker", {}, { run_id: 1, ticket: plantedSecrets.ticket });
      await call("worker", { apikey: plantedSecrets.secretKey }, {
        ticket: plantedSecrets.refusedValue,
      });
      await call("worker", { authorization: `Bearer ${plantedSecrets.legacyKey}` }, "");
      await call("worker", { apikey: plantedSecrets.errorKey }, "");
    },
  },
  ...["error", "text", "object", "retry", "permanent", "cause", "result"].map((how): Flow => ({
    name: `a handler fails with secrets in its words: ${how}`,
    run: async (scene) => ended(scene, await scene.call("enqueue", scene.user, leak(how, scene))),
  })),
  {
    name: "a payload that fits no schema reaches the worker past the door",
    async run({ plantedSecrets, stage }) {
      const args = {
        ...{ p_tenant_id: ACME, p_type: "system.probe", p_max_attempts: 1 },
        p_payload: {
          work_ms: plantedSecrets.refusedValue,
          [plantedSecrets.payload]: plantedSecrets.payload,
        },
      };
      const [{ job_id }] = await (await stage.rpc("jobforge_enqueue_job", args)).json();
      await stage.jobs().waitForJob(job_id, { timeoutMs: 30_000 });
    },
  },
  {
    name: "a running job is canceled",
    async run({ plantedSecrets, stage }) {
      const jobs = await stage.userJobs(ACME);
      const payload = { work_ms: 60_000, steps: 600, echo: plantedSecrets.payload };
      const job = await jobs.enqueueJob("system.probe", payload);
      await eventually(
        "progress",
        async () => (await jobs.getJob(job)).progress || undefined,
      );
      await jobs.cancelJob(job);
      await jobs.waitForJob(job, { timeoutMs: 30_000 });
    },
  },
  {
    name: "a worker dies, and its run is given up",
    async run({ plantedSecrets, stage }) {
      const job = await stage.jobs().enqueueJob("system.probe", {
        ...{ work_ms: 2_000, echo: plantedSecrets.payload },
      });
      await eventually("the job running", async () => {
        const { status } = await stage.jobs().getJob(job);
        return status === "running" || undefined;
      });
      Deno.kill(stage.stack.functionPids().worker!, "SIGKILL");
      await stage.sql`
        update jobforge.runs set lease_expires_at = now() - interval '1 second'
        where state = 'live'`;
      await stage.rpc("jobforge_dispatch", {});
      await stage.jobs().waitForJob(job, { timeoutMs: 60_000 });
    },
  },
  {
    name: "operators look, set up and configure",
    async run({ stage }) {
      await stage.rpc("jobforge_doctor", {});
      await stage.rpc("jobforge_setup", { p_project_url: stage.stack.url });
      await stage.rpc("jobforge_configure_queue", { p_tenant_id: ACME });
    },
  },
];
