import type { Finding } from "./finding.ts";
import { callFunction, callRpc, type Project, type Reply } from "./project.ts";

const PROBE_MS = 12_000;
const PROBE_PAUSE_MS = 250;
/** Webhook signatures count for 300 s, so clocks this close do no harm. */
const MAX_SKEW_MS = 30_000;

/**
 * Looks at a project from outside and, through `jobforge_doctor`, from inside. Sends the worker one
 * ticket and waits `probeMs` for it to be redeemed; changes nothing else.
 */
export async function examine(project: Project, probeMs = PROBE_MS): Promise<Finding[]> {
  const inside = await replyOf(() =>
    callRpc(project, project.secretKey, "jobforge_doctor", { p_project_url: project.url })
  );
  const findings = [secretKey(project, inside), ...await publishableKey(project)];
  const answer = inside?.status === 200 ? inside.body as Diagnosis : undefined;
  if (answer) findings.push(...answer.findings);
  findings.push(await enqueueAnswers(project));
  const worker = await replyOf(() => callFunction(project, "worker", "POST"));
  findings.push(workerAnswers(worker));
  if (answer) findings.push(clock(answer.now, worker ?? inside));
  if (answer) findings.push(await ticket(project, probeMs));
  return findings;
}

interface Diagnosis {
  now: string;
  findings: Finding[];
}

/** Undefined when the project cannot be reached at all. */
async function replyOf(call: () => Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await call();
  } catch {
    return undefined;
  }
}

function secretKey(project: Project, reply: Reply | undefined): Finding {
  const legacy = !project.secretKey.startsWith("sb_");
  const found = reply === undefined
    ? "the project cannot be reached"
    : reply.status === 200
    ? `the secret key is accepted${legacy ? "; it is a legacy JWT, which will go away" : ""}`
    : reply.status === 404
    ? "jobforge_doctor is not there: the migrations are not applied"
    : `the secret key is refused (${reply.status})`;
  const fix = reply?.status === 404
    ? "supabase db push"
    : "take SUPABASE_URL and a secret key from the dashboard, Settings, API keys";
  return { name: "secret_key", ok: reply?.status === 200, found, fix };
}

/** It is in every browser, so it must open nothing by itself. */
async function publishableKey(project: Project): Promise<Finding[]> {
  const { publishableKey: key } = project;
  if (!key) return [];
  const doctor = await replyOf(() => callRpc(project, key, "jobforge_doctor", {}));
  const job = { p_type: "system.noop" };
  const enqueue = await replyOf(() => callRpc(project, key, "jobforge_enqueue_job", job));
  const refused = [doctor, enqueue].every((reply) =>
    reply?.status === 401 || reply?.status === 403
  );
  return [{
    name: "publishable_key",
    ok: refused,
    found: refused
      ? "the publishable key alone opens nothing"
      : "the publishable key opens functions",
    fix: "run the statements of the last migration, rights, again",
  }];
}

async function enqueueAnswers(project: Project): Promise<Finding> {
  const reply = await replyOf(() => callFunction(project, "enqueue", "POST"));
  return functionFinding("enqueue", reply);
}

function workerAnswers(reply: Reply | undefined): Finding {
  return functionFinding("worker", reply);
}

/** Our own refusal shows that it is deployed and that the gateway leaves the credential to it. */
function functionFinding(name: string, reply: Reply | undefined): Finding {
  const code = (reply?.body as { code?: unknown } | undefined)?.code;
  const ok = reply?.status === 401 && code === "unauthenticated";
  const found = ok
    ? `${name} is deployed and refuses callers without a credential`
    : `${name} answered ${reply?.status ?? "nothing"} where it should refuse`;
  const fix = reply?.status === 401
    ? `set verify_jwt = false for ${name} in supabase/config.toml and deploy again`
    : `supabase functions deploy ${name}; then look at its log`;
  return { name, ok, found, fix };
}

function clock(now: string, reply: Reply | undefined): Finding {
  const theirs = Date.parse(reply?.headers.get("date") ?? "");
  const skew = Math.abs(theirs - Date.parse(now));
  const seconds = Number.isNaN(skew) ? "an unknown time" : `${Math.round(skew / 1000)} s`;
  return {
    name: "clock",
    ok: skew <= MAX_SKEW_MS,
    found: `database and functions are ${seconds} apart`,
    fix: "on your own servers run NTP; webhooks count for 300 seconds only",
  };
}

/** The whole way: pg_net, the worker, its key, and back to the database. */
async function ticket(project: Project, probeMs: number): Promise<Finding> {
  const probe = async (runId?: number) => {
    const args = runId === undefined ? {} : { p_run_id: runId };
    const reply = await callRpc(project, project.secretKey, "jobforge_probe_worker", args);
    return reply.body as { run_id?: number; state?: string } | undefined;
  };
  let run = await probe().catch(() => undefined);
  const startedAt = performance.now();
  while (run?.state === "pending" && performance.now() - startedAt < probeMs) {
    await new Promise((resolve) => setTimeout(resolve, PROBE_PAUSE_MS));
    run = await probe(run.run_id).catch(() => run);
  }
  const ok = run?.state === "live" || run?.state === "finished";
  return {
    name: "ticket",
    ok,
    found: ok
      ? "the worker redeemed a ticket"
      : run?.state === "pending"
      ? `nobody redeemed a ticket within ${probeMs / 1000} s`
      : "no ticket could be sent",
    fix: "deploy the worker; see select * from net._http_response order by id desc limit 5;",
  };
}
