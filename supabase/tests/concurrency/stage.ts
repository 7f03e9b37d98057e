import type { Sql } from "../../../local/postgres/database.ts";
import { type ClaimedJob, enqueue, settleAndClaim, startRun } from "./actors.ts";

/** A tenant with something of everything, and the worker's run that holds one of its jobs. */
export interface Stage {
  tenant: string;
  queued: string;
  scheduled: string;
  dead: string;
  running: ClaimedJob;
  run: string;
  schedule: string;
  connector: string;
}

/** Sets a fresh tenant up, by the functions that users and workers call. */
export async function setStage(sql: Sql): Promise<Stage> {
  const tenant = crypto.randomUUID();
  const run = await startRun(sql);
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
  await sql`select from jobforge_set_secret(${tenant}, 'hook', 'a secret of enough characters')`;
  const [connector] = await sql`select jobforge_configure_connector(${tenant}, 'webhook-verify',
    'default', '{"scheme": "stripe", "job_type": "test"}', '{vault:hook}') as id`;
  return {
    ...{ tenant, run, running: jobs[1]!, dead: jobs[0]!.id },
    queued: await id({}),
    scheduled: await id({ run_at: new Date(Date.now() + 3_600_000) }),
    schedule: schedule!.id,
    connector: connector!.id,
  };
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

/** A call of each public function that writes, with what the stage has. */
export function calls(stage: Stage): Record<string, string> {
  const { tenant, queued, scheduled, dead, running, run, schedule, connector } = stage;
  const outcome = JSON.stringify([{ ...named(running), outcome: "succeeded" }]);
  return {
    cancel_job: `('${running.id}', '${tenant}')`,
    cancel_jobs: `('${tenant}', p_dry_run => false)`,
    claim_jobs: `(${run}, 50)`,
    cleanup: `('${tenant}', 1, '{failed}')`,
    close_host: `('${tenant}', 'api.example.com', 1000)`,
    complete_jobs: `(${run}, '${outcome}')`,
    configure_alert: `('queue_waiting', '{"threshold": 100}')`,
    configure_audit_retention: "(365)",
    configure_connector:
      `('${tenant}', 'connector.http.request', 'default', '{"hosts": ["api.example.com"]}')`,
    configure_queue: `('${tenant}', 'default', '{"weight": 2, "max_running": 5, "max_queued": 9}')`,
    configure_retention: "(30, 90)",
    configure_schedule: `('${tenant}', 'nightly', '{"paused": true}')`,
    count_refusals: `('[{"config_id": "${connector}", "refused": 1}]')`,
    delete_connector: `('${tenant}', 'webhook-verify', 'default')`,
    delete_schedule: `('${schedule}')`,
    disable_connector: `('${tenant}', '${connector}', 'gone')`,
    dispatch: "()",
    doctor: "()",
    enqueue_job: `('${tenant}', 'test', '{}', 'key-1')`,
    enqueue_jobs: `('${tenant}', '[{"type": "test"}, {"type": "test", "queue": "waiting"}]')`,
    erase_tenant: `('${tenant}')`,
    fill_calendar: "('[]')",
    finish_run: `(${run}, 'drained')`,
    heartbeat: `(${run}, '[{"id": "${running.id}", "progress": 1}]')`,
    open_connector: `('${tenant}', 'webhook-verify', 'default', 'api.example.com')`,
    probe_worker: "()",
    readmit_tenant: `('${crypto.randomUUID()}')`,
    receive_webhook: `('${connector}', 'event-1', '{}')`,
    release_jobs: `(${run})`,
    reschedule_job: `('${scheduled}', now() + interval '2 hours', '${tenant}')`,
    retry_job: `('${dead}', '${tenant}')`,
    retry_jobs: `('${tenant}', '{"status": "failed"}', p_dry_run => false)`,
    revoke_secret: `('${tenant}', 'hook')`,
    rotate_secret: `('${tenant}', 'hook', 'the next secret of enough characters')`,
    run_schedule: `('${schedule}')`,
    set_secret: `('${tenant}', 'hook', 'another secret of enough characters')`,
    settle_and_claim: `(${run}, '${outcome}', 50)`,
    setup: "('http://127.0.0.1:9')",
    start_run: "(p_capacity => 10)",
    webhook_endpoint: `('${connector}')`,
    cancel_queued: `('${queued}', '${tenant}')`,
  };
}
