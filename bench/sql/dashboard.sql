-- What the pages of the dashboard show besides finished and queued jobs.

with dead as (
  update jobforge.jobs
  set status = 'dead', run_id = null, last_error = '{"code": "gone", "message": "gone"}'
  where status = 'succeeded' and hashtext(id::text) % 100 = 0
  returning tenant_id, id, attempts, started_at, finished_at, last_error
),
listed as (
  insert into jobforge.unsuccessful_jobs (tenant_id, id) select tenant_id, id from dead
)
insert into jobforge.unsuccessful_attempts
  (tenant_id, job_id, attempt_no, run_id, started_at, finished_at, outcome, error)
select tenant_id, id, attempts, 1, started_at, finished_at, 'errored', last_error from dead;

insert into jobforge.runs (state, created_at, started_at, lease_expires_at, capacity)
values ('live', now(), now(), now() + interval '45 seconds', 1000);

with taken as (
  delete from jobforge.ready where hashtext(id::text) % 300 = 0
  returning queue_id, tenant_id, id, place
),
leased as (
  insert into jobforge.leases (run_id, token, queue_id, tenant_id, started_at, ids, places)
  select 1, nextval('jobforge.lease_tokens'), queue_id, tenant_id, now(), array_agg(id),
    array_agg(place)
  from taken group by queue_id, tenant_id
  returning queue_id, cardinality(ids) as count
)
update jobforge.queues as q set claimed = q.claimed + leased.count
from leased where q.id = leased.queue_id;

insert into jobforge.metrics_by_minute (queue_id, at, type, started, succeeded, failed, dead, canceled,
  retried, duration, duration_ms, latency, latency_ms)
select q.id, date_trunc('minute', now()) - n * interval '1 minute', 'system.noop', 10, 10, 0, 0, 0, 0,
  b.counts, 100, b.counts, 100
from (select id from jobforge.queues union all select 0) as q (id)
cross join generate_series(0, 1439) as n
cross join (select array_fill(1::bigint,
  array[cardinality(jobforge.bucket_bounds()) + 1]) as counts) as b
where q.id < 10;

select public.jobforge_set_secret(bench.tenant(1), 'hook', 'whsec_of_the_bench');
select public.jobforge_configure_connector(bench.tenant(1), 'webhook-verify', 'bench',
  '{"scheme": "stripe", "job_type": "bench.event"}', '{vault:hook}');
insert into public.jobforge_received_webhooks
  (tenant_id, config_id, replay_key, job_id, received_at, expires_at)
select c.tenant_id, c.id, 'evt_' || n, gen_random_uuid(), now() - n * interval '1 second',
  now() + interval '7 days'
from public.jobforge_connector_configs as c cross join generate_series(1, 100000) as n;

insert into public.jobforge_audit_log (at, role, tenant_id, action, target)
select now(), 'service_role', bench.tenant(1 + n % 100), 'retry_job', n::text
from generate_series(1, 100000) as n;
