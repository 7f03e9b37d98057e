import { VERSION, versionProblem } from "../../shared/core/version.ts";
import type { Finding } from "./finding.ts";
import { callFunction, callRpc, type Project, type Reply } from "../project.ts";

const PROBE_MS = 12_000;
const PROBE_PAUSE_MS = 250;
/** Largest harmless difference of two clocks: webhook signatures are valid for 300 s. */
const MAX_SKEW_MS = 30_000;

/**
 * Returns the findings about a project, from outside and, through `jobforge_doctor`, from inside.
 * Sends the worker one ticket and waits `probeMs` for it to be redeemed. Changes nothing else.
 */
export async function examine(project: Project, probeMs = PROBE_MS): Promise<Finding[]> {
  // First, because the checks inside look at the last call.
  const delivery = await ticket(project, probeMs);
  const inside = await replyOf(() =>
    callRpc(project, project.secretKey, "jobforge_doctor", { p_project_url: project.url })
  );
  if (!inside) return [unreachable(project)];
  const findings = [secretKey(project, inside), ...await publishableKey(project)];
  const answer = inside.status === 200 ? inside.body as Diagnosis : undefined;
  if (answer) findings.push(...answer.findings);
  const name = answer?.worker_function ?? "worker";
  findings.push(await enqueueAnswers(project, name.replace(/worker$/, "enqueue")));
  const worker = await replyOf(() => callFunction(project, name, "POST"));
  findings.push(functionFinding("worker", name, worker));
  if (answer) findings.push(await version(project, name, answer.schema_version));
  if (answer) findings.push(clock(answer.now, worker ?? inside));
  if (answer) findings.push(delivery);
  return findings;
}

interface Diagnosis {
  now: string;
  worker_function: string;
  schema_version?: string;
  findings: Finding[];
}

/** Returns undefined when the project cannot be reached. */
async function replyOf(call: () => Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await call();
  } catch {
    return undefined;
  }
}

function unreachable({ url }: Project): Finding {
  const fix = "check SUPABASE_URL and the network";
  return { name: "project", ok: false, found: `${url} does not answer`, fix };
}

function secretKey(project: Project, reply: Reply): Finding {
  const legacy = !project.secretKey.startsWith("sb_");
  const found = reply.status === 200
    ? `the secret key is accepted${legacy ? " (a legacy JWT, which Supabase will remove)" : ""}`
    : reply.status === 404
    ? "jobforge_doctor does not exist: the migrations are not applied"
    : `the secret key is rejected (${reply.status})`;
  const fix = reply.status === 404
    ? "npx supabase db push"
    : "copy SUPABASE_URL and a secret key from the Supabase dashboard: Settings, API keys";
  return { name: "secret_key", ok: reply.status === 200, found, fix };
}

/** Checks that the publishable key alone has no rights, because every browser has it. */
async function publishableKey(project: Project): Promise<Finding[]> {
  const { publishableKey: key } = project;
  if (!key) return [];
  const doctor = await replyOf(() => callRpc(project, key, "jobforge_doctor", {}));
  const job = { p_type: "system.noop" };
  const enqueue = await replyOf(() => callRpc(project, key, "jobforge_enqueue_job", job));
  if (!doctor || !enqueue) return [unreachable(project)];
  const refused = [doctor, enqueue].every(({ status }) => status === 401 || status === 403);
  return [{
    name: "publishable_key",
    ok: refused,
    found: refused
      ? "the publishable key alone can call no function"
      : "the publishable key alone can call functions",
    fix: "run as the owner: select jobforge.apply_rights();",
  }];
}

/** The functions of a project have one prefix. */
async function enqueueAnswers(project: Project, slug: string): Promise<Finding> {
  const reply = await replyOf(() => callFunction(project, slug, "POST"));
  return functionFinding("enqueue", slug, reply);
}

/**
 * Returns the finding about a function. Its own rejection proves that it is deployed and that the
 * gateway passes credentials to it.
 */
function functionFinding(name: string, slug: string, reply: Reply | undefined): Finding {
  const code = (reply?.body as { code?: unknown } | undefined)?.code;
  const ok = reply?.status === 401 && code === "unauthenticated";
  const found = ok
    ? `${slug} is deployed and rejects callers without a credential`
    : `${slug} returned ${reply?.status ?? "nothing"} instead of its own 401`;
  const fix = reply?.status === 401
    ? `set verify_jwt = false for ${slug} in supabase/config.toml and deploy again`
    : `npx supabase functions deploy ${slug}, then check its log`;
  return { name, ok, found, fix };
}

/** Compares what the database has with the worker that answers, and with this command line. */
async function version(project: Project, slug: string, schema = "none"): Promise<Finding> {
  const health = await replyOf(() => callFunction(project, `${slug}/health`, "GET"));
  const body = health?.body as { version?: unknown; code?: unknown; detail?: unknown } | undefined;
  const parts = [["command line", VERSION]];
  // Other checks report a worker that does not answer.
  if (typeof body?.version === "string") parts.push(["worker", body.version]);
  const refused = body?.code === "version_mismatch" ? String(body.detail) : undefined;
  const problem = refused ??
    parts.map(([part, each]) => versionProblem(`this ${part}`, each!, schema)).find(Boolean);
  const versions = parts.map((words) => words.join(" ")).join(", ");
  return {
    name: "version",
    ok: problem === undefined,
    found: problem ?? `schema ${schema}, ${versions}`,
    fix: "run jobforge upgrade, push its migration, then deploy its functions",
  };
}

function clock(now: string, reply: Reply | undefined): Finding {
  const theirs = Date.parse(reply?.headers.get("date") ?? "");
  const skew = Math.abs(theirs - Date.parse(now));
  const seconds = Number.isNaN(skew) ? "an unknown time" : `${Math.round(skew / 1000)} s`;
  return {
    name: "clock",
    ok: skew <= MAX_SKEW_MS,
    found: `the clocks of database and functions differ by ${seconds}`,
    fix: "run NTP on your own servers: webhook signatures are valid for 300 seconds",
  };
}

/** What a probe returns: the state of the run, and what pg_net knows of the call. */
interface Probe {
  run_id?: number;
  state?: string;
  answer?: { error: string | null; waiting_before: number | null };
}

/** Checks the whole path: pg_net, the worker, its key, and the call back to the database. */
async function ticket(project: Project, probeMs: number): Promise<Finding> {
  const probe = async (runId?: number) => {
    const args = runId === undefined ? {} : { p_run_id: runId };
    const reply = await callRpc(project, project.secretKey, "jobforge_probe_worker", args);
    return reply.body as Probe | undefined;
  };
  let run = await probe().catch(() => undefined);
  const startedAt = performance.now();
  while (
    run?.state === "pending" && !run.answer?.error && performance.now() - startedAt < probeMs
  ) {
    await new Promise((resolve) => setTimeout(resolve, PROBE_PAUSE_MS));
    run = await probe(run.run_id).catch(() => run);
  }
  // A refused ticket arrived: as many runs are live as max_runs allows.
  const ok = ["live", "finished", "refused"].includes(run?.state ?? "");
  return {
    name: "ticket",
    ok,
    found: ok ? "the worker redeemed a ticket" : lostTicket(run, probeMs),
    fix: "deploy the worker, check project_url, then: select net.worker_restart();",
  };
}

function lostTicket(run: Probe | undefined, probeMs: number): string {
  if (run?.state !== "pending") return "no ticket could be sent";
  const { error, waiting_before } = run.answer ?? {};
  if (error) return `the ticket was not redeemed: ${error}`;
  const waiting = waiting_before == null ? "" : `: ${waiting_before} requests wait before it`;
  return `no worker redeemed the ticket within ${probeMs / 1000} s${waiting}`;
}
