begin;
select plan(24);

-- Rows of three kinds: one that is just old enough, one that is not yet, one without an end.
select tests.unused_project();
select tests.freeze();
create temp table ages (name text, at timestamptz);
create function pg_temp.age(p_for interval) returns void language sql
begin atomic
  delete from ages;
  insert into ages values ('over', jobforge.clock() - p_for - interval '1 microsecond'),
    ('full', jobforge.clock() - p_for), ('never', null);
end;

create function pg_temp.deleted(p_task text) returns int language sql
return (jobforge.run_task(p_task, jobforge.clock())).row_count;
select is(pg_temp.deleted('prune_' || kind), 0, kind || ': nothing is there')
from unnest('{keys,runs,metrics,alerts,connectors,messages,received_webhooks}'::text[]) as kind;

select pg_temp.age('0');
insert into jobforge.idempotency_keys (tenant_id, type, key, request_hash, job_id, expires_at)
select tests.tenant('acme'), 'test.job', name, '', gen_random_uuid(), at from ages;
select is(pg_temp.deleted('prune_keys'), 1, 'one key');
select set_eq('select key from jobforge.idempotency_keys', '{full,never}'::text[], 'is over');

select pg_temp.age('7 days');
insert into jobforge.runs (state, worker, created_at, ended_at)
select state, name || ' ' || state, jobforge.clock(), at
from ages, unnest('{finished,lost,live}'::text[]) as state where name <> 'never';
select is(pg_temp.deleted('prune_runs'), 2, 'two runs');
select set_eq('select worker from jobforge.runs',
  '{full finished,full lost,over live,full live}'::text[], 'ended over a week ago');
delete from jobforge.runs;
insert into jobforge.runs (state, created_at, ended_at)
select 'finished', at, at from ages where name = 'over';
select is(pg_temp.deleted('prune_runs'), 1, 'also the newest one');

select pg_temp.age('14 days');
insert into jobforge.metrics_by_minute select 1, at, name, 0, 0, 0, 0, 0, 0, '{}', 0, '{}', 0
from ages where name <> 'never';
select is(pg_temp.deleted('prune_metrics'), 1, 'a minute');
select set_eq('select type from jobforge.metrics_by_minute', '{full}'::text[],
  'is older than 14 days');

select tests.known('acme');
insert into jobforge.enqueue_volumes (queue_id, enqueued, at)
select id, 0, now() from jobforge.queues union all select 0, 0, now();
select pg_temp.age('1 day');
insert into jobforge.webhook_refusals
select gen_random_uuid(), at, tests.tenant('acme'), 1 from ages where name <> 'never';
select pg_temp.age('30 days');
insert into jobforge.alerts
  (rule, subject, severity, message, value, threshold, opened_at, seen_at, closed_at)
select 'jobs_failing', name, 'warning', '', 1, 1, now(), now(), at from ages;
select is(pg_temp.deleted('prune_alerts'), 1, 'an alert and a refusal');
select set_eq('select subject from jobforge.alerts', '{full,never}'::text[],
  'was closed over 30 days ago');
select results_eq('select at from jobforge.webhook_refusals',
  $$ select jobforge.clock() - interval '1 day' $$, 'came over a day ago');
select results_eq('select queue_id from jobforge.enqueue_volumes', 'select id from jobforge.queues',
  'and the volume of a queue that is gone');

select pg_temp.age('0');
insert into jobforge.closed_hosts (tenant_id, host, closed_until)
select tests.tenant('acme'), name, at from ages where name <> 'never';
select is(pg_temp.deleted('prune_connectors'), 1, 'a host');
select results_eq('select host from jobforge.closed_hosts', '{full}'::text[], 'is open again');

select tests.refuses('select jobforge.run_task(''prune'', now())', 'not_found', 'no such task');
select is(jobforge.run_task('prune_keys', jobforge.clock()),
  row(0, false, null)::jobforge.task_result, 'nothing more is over');
insert into jobforge.idempotency_keys (tenant_id, type, key, request_hash, job_id, expires_at)
select tests.tenant('acme'), 'test.job', 'key ' || n, '', gen_random_uuid(),
  jobforge.clock() - interval '1 second' from generate_series(1, 9999) as n;
select is(jobforge.run_task('prune_keys', jobforge.clock()),
  row(5000, true, null)::jobforge.task_result, 'a turn that used up its budget is followed');
select is(jobforge.run_task('prune_keys', jobforge.clock()),
  row(4999, false, null)::jobforge.task_result, 'by one that did not');

select * from finish();
rollback;
