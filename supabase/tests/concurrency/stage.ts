import type { Sql } from "../../../local/postgres/database.ts";
import { type ClaimedJob, enqueue, settleAndClaim, startRun } from "./actors.ts";

/** A tenant with something of everything, and the worker's run that holds one of its jobs. */
export interface Stage {
  tenant: string;
  queued: string;
  scheduled: string;
  dead: string;
  running: ClaimedJob;
  /** A job that runs and has a stored body. */
  stored: ClaimedJob;
  run: string;
  schedule: string;
  connector: string;
  destination: string;
  message: string;
  /** The job of the message. */
  delivery: string;
}

const SIGNING = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/** Sets a fresh tenant up, by the functions that users and workers call. Its job runs in `inRun`. */
export async function setStage(
  sql: Sql,
  inRun?: string,
  tenant: string = crypto.randomUUID(),
): Promise<Stage> {
  const run = inRun ?? await startRun(sql);
  await sql`select from jobforge_configure_queue(${tenant}, 'default', '{}')`;
  await enqueue(sql, tenant, 2, { max_attempts: 1 });
  const { jobs } = await claimOf(sql, run, tenant, 2);
  await settleAndClaim(sql, run, [{ ...named(jobs[0]!), outcome: "failed" }], 0);
  const id = async (job: object) => {
    const [made] = await sql`select job_id from jobforge_enqueue_jobs(${tenant},
      ${sql.json([{ type: "test", queue: "waiting", ...job }])})`;
    return made!.job_id as string;
  };
  await sql`select from jobforge_configure_queue(${tenant}, 'waiting', '{"paused": true}')`;
  const [schedule] = await sql`select id from jobforge_configure_schedule(${tenant}, 'nightly',
    '{"type": "test", "expression": "0 3 * * *"}')`;
  await sql`select from jobforge_set_secret(${tenant}, 'webhook', 'a secret of enough characters')`;
  const [connector] = await sql`select jobforge_configure_connector(${tenant}, 'webhook-verify',
    'default', '{"scheme": "stripe", "job_type": "test"}', '{vault:webhook}') as id`;
  await sql`
    select from jobforge_receive_webhook(${
    connector!.id
  }, 'stored', '{}', p_body => 'QUJDREVGR0hJSktM')`;
  const stored = await claimOf(sql, run, tenant, 1);
  await sql`select from jobforge_set_secret(${tenant}, 'signing', ${SIGNING})`;
  const [destination] = await sql`select jobforge_configure_destination(${tenant}, 'orders',
    '{"url": "https://hooks.example.com/in", "secret": "signing", "event_types": ["*"]}') as id`;
  const [message] = await sql`select message_id from jobforge_publish(${tenant}, 'order.paid')`;
  const [delivery] = await sql`select job_id from jobforge_list_deliveries(${tenant}, 'orders')`;
  // Nothing is left for the claims of later stages.
  await claimOf(sql, run, tenant, 1);
  return {
    ...{ tenant, run, running: jobs[1]!, dead: jobs[0]!.id, stored: stored.jobs[0]! },
    queued: await id({}),
    scheduled: await id({ run_at: new Date(Date.now() + 3_600_000) }),
    schedule: schedule!.id,
    connector: connector!.id,
    destination: destination!.id,
    message: message!.message_id,
    delivery: delivery!.job_id,
  };
}

/**
 * Cancels what is left of stages and ends their runs, so that later ones find their own jobs at once,
 * and room for their runs.
 */
export async function clearStages(sql: Sql, ...stages: Stage[]): Promise<void> {
  for (const { run, tenant } of stages) {
    await endRun(sql, run);
    await sql`select from jobforge_cancel_jobs(${tenant}, p_dry_run => false)`;
  }
}

/** Ends a run that is live. */
export async function endRun(sql: Sql, run: string): Promise<void> {
  await sql`
    select jobforge_finish_run(id, 'drained') from jobforge.runs
    where id = ${run} and state = 'live'`;
}

function named({ id, lease_token }: ClaimedJob) {
  return { id, lease_token };
}

/** Claims until the run holds `count` jobs of the tenant. Jobs of others go back. */
async function claimOf(sql: Sql, run: string, tenant: string, count: number) {
  const jobs: ClaimedJob[] = [];
  for (let look = 0; look < 50 && jobs.length < count; look++) {
    const reply = await settleAndClaim(sql, run, [], 50);
    const [mine, others] = [true, false].map((own) =>
      reply.jobs.filter((job) => (job.tenant_id === tenant) === own)
    );
    jobs.push(...mine!);
    const ids = others!.map(({ id }) => id);
    if (ids.length > 0) await sql`select from jobforge_release_jobs(${run}, ${ids})`;
  }
  return { jobs };
}

/** Arguments of a call, by name. */
export type Arguments = Record<string, unknown>;

/** A call of each public function, with what the stage has. */
export function calls(stage: Stage): Record<string, Arguments> {
  const { tenant: p_tenant_id, queued, running, schedule: p_schedule_id } = stage;
  return {
    ...callsOfWorkers(stage),
    ...callsOfOperators(stage),
    ...callsOfDestinations(stage),
    cancel_job: { p_tenant_id, p_job_id: running.id },
    cancel_queued: { p_tenant_id, p_job_id: queued },
    cancel_jobs: { p_tenant_id, p_dry_run: false },
    configure_schedule: { p_tenant_id, p_name: "nightly", p_settings: { paused: true } },
    delete_schedule: { p_schedule_id },
    enqueue_job: { p_tenant_id, p_type: "test", p_payload: {}, p_idempotency_key: "key-1" },
    enqueue_jobs: { p_tenant_id, p_jobs: [{ type: "test" }, { type: "test", queue: "waiting" }] },
    explain_job: { p_tenant_id, p_job_id: queued },
    get_job: { p_tenant_id, p_job_id: queued },
    history: {
      ...{ p_tenant_id, p_step_seconds: 600 },
      ...{ p_from: hoursFromNow(-1), p_to: hoursFromNow(0) },
    },
    list_jobs: { p_tenant_id },
    list_queues: { p_tenant_id },
    next_occurrences: { p_schedule_id },
    overview: { p_tenant_id },
    reschedule_job: { p_tenant_id, p_job_id: stage.scheduled, p_run_at: hoursFromNow(2) },
    retry_job: { p_tenant_id, p_job_id: stage.dead },
    retry_jobs: { p_tenant_id, p_filter: { status: "failed" }, p_dry_run: false },
    revoke_secret: { p_tenant_id, p_name: "webhook" },
    rotate_secret: {
      p_tenant_id,
      p_name: "webhook",
      p_value: "the next secret of enough characters",
    },
    run_schedule: { p_schedule_id },
    set_secret: { p_tenant_id, p_name: "webhook", p_value: "another secret of enough characters" },
    watch_jobs: { p_tenant_id },
  };
}

function callsOfWorkers(stage: Stage): Record<string, Arguments> {
  const { tenant: p_tenant_id, running, stored, run: p_run_id, connector: p_id } = stage;
  const p_outcomes = [{ ...named(running), outcome: "succeeded" }];
  return {
    claim_jobs: { p_run_id, p_limit: 50 },
    cleanup: { p_tenant_id, p_retention_days: 1, p_statuses: ["failed"] },
    close_host: { p_tenant_id, p_host: "api.example.com", p_ms: 1000 },
    complete_jobs: { p_run_id, p_outcomes },
    count_refusals: { p_refusals: [{ config_id: p_id, refused: 1 }] },
    fill_calendar: {},
    finish_run: { p_run_id, p_reason: "drained" },
    heartbeat: { p_run_id, p_progress: [{ id: running.id, progress: 1 }] },
    open_connector: {
      ...{ p_tenant_id, p_connector: "webhook-verify", p_name: "default" },
      p_host: "api.example.com",
    },
    read_webhook_body: { p_run_id, p_job_id: stored.id, p_lease_token: stored.lease_token },
    receive_webhook: { p_id, p_replay_key: "event-1", p_payload: {}, p_body: "QUJD" },
    release_jobs: { p_run_id },
    settle_and_claim: { p_run_id, p_outcomes, p_limit: 50 },
    start_run: { p_capacity: 10, p_types: [{ type: "test", max_attempts: 3 }] },
    webhook_endpoint: { p_id },
  };
}

function callsOfDestinations(stage: Stage): Record<string, Arguments> {
  const { tenant: p_tenant_id, message: p_message_id, delivery: p_job_id } = stage;
  const p_destination = "orders";
  return {
    configure_destination: {
      ...{ p_tenant_id, p_name: "orders" },
      p_settings: { timeout_ms: 2000, paused: true },
    },
    configure_publishing: { p_settings: { retention_days: 30 } },
    delete_destination: { p_tenant_id, p_name: "orders" },
    list_deliveries: { p_tenant_id, p_destination },
    list_destinations: { p_tenant_id },
    open_delivery: { p_tenant_id, p_destination, p_job_id, p_message_id },
    publish: { p_tenant_id, p_event_type: "order.paid", p_data: {}, p_event_id: "event-1" },
    recover_deliveries: { p_tenant_id, p_destination, p_since: hoursFromNow(-1) },
    redeliver: { p_tenant_id, p_destination, p_message_id },
    report_delivery: {
      ...{ p_tenant_id, p_destination_id: stage.destination, p_job_id },
      p_status: 503,
    },
    rotate_destination_secret: { p_tenant_id, p_destination, p_value: SIGNING },
    send_test_event: { p_tenant_id, p_destination },
  };
}

function callsOfOperators({ tenant: p_tenant_id }: Stage): Record<string, Arguments> {
  return {
    alerts: {},
    announce_url: { p_project_url: "http://127.0.0.1:9" },
    configure_alert: { p_rule: "queue_waiting", p_settings: { threshold: 100 } },
    configure_audit_retention: { p_days: 365 },
    configure_connector: {
      ...{ p_tenant_id, p_connector: "connector.http.request", p_name: "default" },
      p_config: { hosts: ["api.example.com"] },
    },
    configure_queue: {
      ...{ p_tenant_id, p_queue: "default" },
      p_settings: { weight: 2, max_running: 5, max_queued: 9 },
    },
    configure_retention: { p_succeeded_days: 30, p_unsuccessful_days: 90 },
    delete_connector: { p_tenant_id, p_connector: "webhook-verify", p_name: "default" },
    dispatch: {},
    doctor: {},
    erase_tenant: { p_tenant_id },
    metrics: {},
    probe_worker: {},
    readmit_tenant: { p_tenant_id: crypto.randomUUID() },
    schema_version: {},
    setup: { p_project_url: "http://127.0.0.1:9" },
    verify_audit: {},
  };
}

/** The function that a call calls: a job that is queued and one that runs are canceled by one. */
export function functionOf(call: string): string {
  return `jobforge_${call === "cancel_queued" ? "cancel_job" : call}`;
}

/** A call as it stands in a `from`. */
export function sqlOf(call: string, args: Arguments): string {
  const given = Object.entries(args).map(([name, value]) => `${name} => ${literal(value)}`);
  return `${functionOf(call)}(${given.join(", ")})`;
}

function literal(value: unknown): string {
  const isList = Array.isArray(value) && value.every((each) => typeof each === "string");
  const text = isList
    ? `{${value.join(",")}}`
    : typeof value === "string"
    ? value
    : JSON.stringify(value);
  return `'${text.replaceAll("'", "''")}'`;
}

function hoursFromNow(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString();
}

/** Public functions without a call. */
export async function withoutCall(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select distinct proname as name from pg_proc
    where pronamespace = 'public'::regnamespace and starts_with(proname, 'jobforge_')`;
  const called = new Set(Object.keys(calls(await setStage(sql))).map(functionOf));
  return rows.map(({ name }) => name).filter((name) => !called.has(name)).sort();
}
