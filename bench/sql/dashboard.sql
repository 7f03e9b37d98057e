-- What the pages of the dashboard show besides finished and queued jobs.

update public.jobforge_jobs set status = 'dead', last_error = '{"code": "gone", "message": "gone"}'
where status = 'succeeded' and hashtext(id::text) % 100 = 0;

update public.jobforge_jobs set status = 'running', attempts = 1, started_at = now(), run_id = 1,
  lease_token = 1
where status = 'queued' and hashtext(id::text) % 300 = 0;

insert into jobforge.runs (state, created_at, started_at, lease_expires_at, capacity)
values ('live', now(), now(), now() + interval '45 seconds', 1000);

insert into jobforge.metrics_by_minute (queue_id, at, type, started, succeeded, failed, dead, canceled,
  retried, duration, duration_ms, latency, latency_ms)
select q.id, date_trunc('minute', now()) - n * interval '1 minute', 'system.noop', 10, 10, 0, 0, 0, 0,
  b.counts, 100, b.counts, 100
from (select id from public.jobforge_queues union all select 0) as q (id)
cross join generate_series(0, 1439) as n
cross join (select array_fill(1::bigint,
  array[cardinality(jobforge.bucket_bounds()) + 1]) as counts) as b
where q.id < 10;

select public.jobforge_set_secret(bench.tenant(1), 'hook', 'whsec_bench');
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
