begin;
select plan(5);

-- Every way on which a job comes to wait, with payloads that are stored compressed, and with a
-- number that is stored in eight bytes. A reply has the text of both.
create temp table sizes as select jsonb_build_object('a', repeat('x', 50000)) as payload
union all select '{"a": 1e50000}';
create view pg_temp.waiting as
select 'ready' as place, tenant_id, id, bytes from jobforge.ready
union all select 'scheduled', tenant_id, id, bytes from jobforge.scheduled
union all select 'unclaimed', tenant_id, id, bytes from jobforge.unclaimed;
create function pg_temp.wrong()
returns setof text
language sql
as $$
  select format('%s: %s', waiting.place, waiting.bytes)
  from pg_temp.waiting join jobforge.jobs as j using (tenant_id, id)
  where octet_length(j.payload::text) <> waiting.bytes
$$;

select tests.freeze();
select jobforge_enqueue_job(tests.tenant('acme'), 'test.job', payload) from sizes;
select jobforge.promote(jobforge.clock());
select tests.start_run();
select tests.enqueue('plain', '{"payload": {"a": 1}}');
select jobforge_enqueue_job(tests.tenant('acme'), 'test.job', payload) from sizes;
select jobforge_enqueue_job(tests.tenant('acme'), 'test.job', payload,
  p_run_at => jobforge.clock() + interval '1 hour')
from sizes;
select jobforge_enqueue_jobs(tests.tenant('acme'), jsonb_build_array(
  jsonb_build_object('type', 'test.job', 'payload', payload),
  jsonb_build_object('type', 'test.job', 'payload', payload, 'priority', 1)))
from sizes;
select jobforge_enqueue_jobs(tests.tenant('acme'), (
  select jsonb_agg(jsonb_build_object('type', 'test.job', 'payload', payload)) from sizes));
select jobforge_enqueue_jobs(
  tests.tenant('acme'), '[{"type": "test.job", "payload": {"b": [1, 2]}}]');
select tests.enqueue(name || payload_number, jsonb_build_object('payload', payload))
from unnest('{retried,later,ended}'::text[]) as name
cross join (
  select payload, row_number() over () as payload_number from sizes) as numbered;
select is_empty('select pg_temp.wrong()', 'after an enqueue, single or in a batch');

select tests.claim(100);
select tests.settle('retried' || n, 'released'),
  tests.settle('later' || n, 'errored', '{"retry_after_ms": 60000}'),
  tests.settle('ended' || n, 'failed')
from generate_series(1, 2) as n;
select jobforge_retry_job(tests.id('ended' || n), tests.tenant('acme')),
  jobforge_reschedule_job(
    tests.id('retried' || n), jobforge.clock() + interval '1 minute', tests.tenant('acme'))
from generate_series(1, 2) as n;
select is_empty('select pg_temp.wrong()', 'after a release, a retry and a new time');

select tests.advance('2 hours');
select jobforge.promote(jobforge.clock());
select is_empty('select pg_temp.wrong()', 'after it was due');
select jobforge_claim_jobs(run.run_id, 2)
from jobforge_start_run(p_types => '[{"type": "other"}]') as run;
select is_empty('select pg_temp.wrong()', 'after a run that takes other types');
select bag_eq(
  'select distinct place from pg_temp.waiting', '{unclaimed}'::text[], 'which set them aside');

select * from finish();
rollback;
