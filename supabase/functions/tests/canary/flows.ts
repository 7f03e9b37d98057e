import { ACME, eventually, type Stage } from "../stage.ts";
import { signWith, userClaims } from "../tokens.ts";
import type { Canaries } from "./canaries.ts";
import type { Answer } from "./sweep.ts";

/** What a flow works with. */
export interface Scene {
  stage: Stage;
  canaries: Canaries;
  /** Calls a function with canaries in headers, and keeps the answer for the sweep. */
  call(path: string, headers: Record<string, string>, body?: unknown): Promise<Response>;
  /** Port of a host on loopback that the worker may call. */
  port: number;
  /** Headers of a user whose token is full of canaries. */
  user: Record<string, string>;
}

/** A way through the system that a secret could take. Add one for each new feature. */
export interface Flow {
  name: string;
  run(scene: Scene): Promise<void>;
}

/** Makes the scene of one flow; every answer goes to `answers`. */
export async function sceneOf(
  stage: Stage,
  canaries: Canaries,
  flow: string,
  answers: Answer[],
  port: number,
): Promise<Scene> {
  const { keys, publishableKey: apikey, url } = stage.stack;
  const claims = userClaims(url, ACME, {
    email: `${canaries.claim}@example.com`,
    user_metadata: { full_name: canaries.claim },
  });
  const user = { authorization: `Bearer ${await signWith(keys.jwtSecret, claims)}`, apikey };
  const planted = {
    "x-canary": canaries.header,
    cookie: `session=${canaries.cookie}`,
    tracestate: `canary=${canaries.header}`,
  };
  return {
    stage,
    canaries,
    port,
    user,
    async call(path, headers, body) {
      const response = await stage.call(path, { ...planted, ...headers }, body);
      answers.push({ flow, text: await textOf(response.clone()) });
      return response;
    },
  };
}

/** Headers and body; a result is the caller's own and left out. */
async function textOf(response: Response): Promise<string> {
  const headers = [...response.headers].join("\n");
  const text = await response.text();
  const body = JSON.parse(text || "{}");
  delete body.result;
  return `${headers}\n${JSON.stringify(body)}`;
}

const probe = (payload: Record<string, unknown>) => ({ type: "system.probe", payload });

/** The body of a failing job: `canary.leak` throws what `how` says, with secrets in its text. */
const leak = (how: string, { canaries }: Scene) => ({
  ...{ type: "canary.leak", max_attempts: 1 },
  payload: {
    how,
    text: `${canaries.errorKey} ${canaries.signingSecret} ` +
      `https://${canaries.errorPassword}@api.example.com/v1?key=${canaries.errorPassword}`,
  },
});

async function ended({ call, user }: Scene, made: Response): Promise<void> {
  const { job_id } = await made.json();
  await eventually("the end of the job", async () => {
    const { job } = await (await call(`enqueue/${job_id}?wait=10`, user)).json();
    return /queued|running/.test(job.status) ? undefined : job;
  });
}

export const flows: Flow[] = [
  {
    name: "a user enqueues a job and waits for its result",
    async run(scene) {
      const body = probe({ echo: scene.canaries.result });
      await ended(scene, await scene.call("enqueue", scene.user, body));
    },
  },
  {
    name: "a service enqueues a batch under idempotency keys, twice, and with another payload",
    async run({ call, canaries }) {
      const headers = { apikey: canaries.secretKey };
      const job = { ...probe({ echo: canaries.payload }), idempotency_key: "order-1" };
      for (const jobs of [[job], [job], [{ ...job, payload: { echo: 1 } }]]) {
        await call("enqueue", headers, { tenant_id: ACME, jobs });
      }
    },
  },
  {
    name: "requests are refused: payload, type, body, query, credential, tenant",
    async run({ call, canaries, stage, user }) {
      const { refusedValue, query } = canaries;
      await call("enqueue", user, probe({ work_ms: refusedValue }));
      await call("enqueue", user, { type: refusedValue });
      await call("enqueue", user, `{"type": ${refusedValue}`);
      await call("enqueue", user, { ...probe({}), run_at: refusedValue });
      await call("enqueue", user, { ...probe({}), tenant_id: crypto.randomUUID() });
      await call("enqueue", user, { ...probe({}), queue: "nobody-made-this" });
      await call(`enqueue?token=${query}`, {}, probe({}));
      await call(`enqueue/${crypto.randomUUID()}?token=${query}`, user);
      await call(`enqueue/${query}`, user);
      await call(query, user).catch(() => {});
      await call("enqueue", { apikey: canaries.errorKey }, { ...probe({}), tenant_id: ACME });
      await call("enqueue", { ...user, apikey: stage.stack.secretKey }, probe({}));
    },
  },
  {
    name: "the worker is called with tickets and keys, right and wrong",
    async run({ call, canaries }) {
      await call("worker", {}, { run_id: 1, ticket: canaries.ticket });
      await call("worker", { apikey: canaries.secretKey }, { ticket: canaries.refusedValue });
      await call("worker", { authorization: `Bearer ${canaries.legacyKey}` }, "");
      await call("worker", { apikey: canaries.errorKey }, "");
    },
  },
  ...["error", "text", "object", "retry", "permanent", "cause", "result"].map((how): Flow => ({
    name: `a handler fails with secrets in its words: ${how}`,
    run: async (scene) => ended(scene, await scene.call("enqueue", scene.user, leak(how, scene))),
  })),
  {
    name: "a payload that fits no schema reaches the worker past the door",
    async run({ canaries, stage }) {
      const args = {
        ...{ p_tenant_id: ACME, p_type: "system.probe", p_max_attempts: 1 },
        p_payload: { work_ms: canaries.refusedValue, [canaries.payload]: canaries.payload },
      };
      const [{ job_id }] = await (await stage.rpc("jobforge_enqueue_job", args)).json();
      await stage.jobs().waitForJob(job_id, { timeoutMs: 30_000 });
    },
  },
  {
    name: "a running job is canceled",
    async run({ canaries, stage }) {
      const jobs = await stage.userJobs(ACME);
      const payload = { work_ms: 60_000, steps: 600, echo: canaries.payload };
      const job = await jobs.enqueueJob("system.probe", payload);
      await eventually(
        "progress",
        async () => (await jobs.getJob(job.job_id)).progress || undefined,
      );
      await jobs.cancelJob(job.job_id);
      await jobs.waitForJob(job, { timeoutMs: 30_000 });
    },
  },
  {
    name: "a worker dies, and its run is given up",
    async run({ canaries, stage }) {
      const job = await stage.jobs().enqueueJob("system.probe", {
        ...{ work_ms: 2_000, echo: canaries.payload },
      });
      await eventually("the job running", async () => {
        const { status } = await stage.jobs().getJob(job.job_id);
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
