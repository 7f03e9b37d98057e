begin;
select plan(14);

select tests.unused_project();
select tests.freeze();
select tests.setup();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": 100}');
select tests.start_run('worker', 100, '[{"type": "test.job"}]');
update jobforge.job_types set max_attempts = 2, backoff_base_ms = 8000, backoff_cap_ms = 8000;
select tests.enqueue_each('kept', 'done', 'errored', 'later', 'released', 'put_off', 'failed',
  'dead', 'canceled');
select tests.enqueue('expired', '{"max_attempts": 9}');
select tests.set_attempts('dead', 1);
update jobforge.jobs set lease_expiries = 1 where id = tests.id('expired');
select tests.advance('3 seconds');
select tests.claim(10);
select jobforge_cancel_job(tests.id('canceled'), tests.tenant('acme'));
select jobforge_cancel_job(tests.id('kept'), tests.tenant('acme'));
create temp table place as select id as queue_id from jobforge.queues;
create temp table started as select jobforge.clock() as at;
delete from jobforge.wakeups;
delete from jobforge.queue_deltas;
select tests.advance('2 seconds');
select is(cardinality(jobforge.settle(tests.run_id(), array(
  select (jsonb_populate_record(null::jobforge.outcome, tests.outcome(name, outcome, more)))
  from (values ('errored', 'errored', '{"error": {"code": "e", "message": "m", "x": 1}}'::jsonb),
    ('later', 'timed_out', '{"retry_after_ms": 60000}'), ('released', 'released', '{}'),
    ('put_off', 'released', '{"retry_after_ms": 1000}'), ('failed', 'failed', '{}'),
    ('dead', 'errored', '{}'), ('canceled', 'succeeded', '{"result": 1}'),
    ('expired', 'lease_expired', '{}'), ('done', 'succeeded', '{"result": {"n": 1}}'))
    as sent (name, outcome, more)), jobforge.clock())), 9, 'nine outcomes count');

select results_eq($$
  select tests.name(j.id), j.status, b.attempts, b.lease_expiries, b.finished_at = jobforge.clock(),
    b.cancel_requested_at is not null, j.run_at - jobforge.clock() > interval '0'
  from public.jobforge_jobs as j join jobforge.jobs as b using (tenant_id, id) order by 1
$$, $$ values ('canceled', 'canceled', 1, 0, true, true, false),
  ('dead', 'dead', 2, 0, true, false, false), ('done', 'succeeded', 1, 0, true, false, false),
  ('errored', 'scheduled', 1, 0, null, false, true), ('expired', 'queued', 1, 2, null, false,
    false), ('failed', 'failed', 1, 0, true, false, false),
  ('kept', 'running', 0, 0, null, false, false), ('later', 'scheduled', 1, 0, null, false, true),
  ('put_off', 'scheduled', 0, 0, null, false, true),
  ('released', 'queued', 0, 0, null, false, false) $$, 'the bodies');
select results_eq($$ select tests.name(id), run_at - jobforge.clock() from jobforge.jobs
    where id in (tests.id('later'), tests.id('put_off'), tests.id('expired')) order by 1 $$,
  $$ values ('expired', interval '0'), ('later', '1 minute'), ('put_off', '1 second') $$,
  'each is due when its outcome asks for');
select ok(run_at - jobforge.clock() between interval '4 seconds' and interval '8 seconds',
  'or after the backoff of its type') from jobforge.jobs where id = tests.id('errored');
select is((select run_at from jobforge.jobs where id = tests.id('released')),
  (select created_at from jobforge.jobs where id = tests.id('released')),
  'a released job is as old as before');
select results_eq($$ select tests.name(id) from jobforge.unsuccessful_jobs order by 1 $$,
  '{canceled,dead,failed}'::text[], 'those that ended without success are listed');
select results_eq($$
  select tests.name(job_id), attempt_no, outcome::text, error,
    started_at = (select at from started), finished_at = jobforge.clock(), run_id = tests.run_id()
  from jobforge.unsuccessful_attempts order by 1
$$, $$ values ('canceled', 1, 'canceled', null::jsonb, true, true, true),
  ('dead', 2, 'errored', null, true, true, true),
  ('errored', 1, 'errored', '{"code": "e", "message": "m"}', true, true, true),
  ('expired', 1, 'lease_expired', null, true, true, true),
  ('failed', 1, 'failed', null, true, true, true),
  ('later', 1, 'timed_out', null, true, true, true) $$, 'their attempts, but for released ones');
select results_eq($$ select tests.name(job_id) from jobforge.cancel_requests $$, '{kept}'::text[],
  'a request goes with its job alone');
select results_eq($$ select tests.name(id), quarantined from jobforge.scheduled order by 1 $$,
  $$ values ('errored', false), ('later', false), ('put_off', false) $$, 'three are scheduled');
select results_eq($$ select tests.name(id) from jobforge.ready $$, '{released}'::text[],
  'one is ready');
select results_eq($$ select tests.name(id) from jobforge.quarantined $$, '{expired}'::text[],
  'one is quarantined');
select results_eq($$ select array_agg(tests.name(id)) from jobforge.leases, unnest(ids) as id $$,
  $$ values (array['kept']) $$, 'the lease holds what is left');
select results_eq($$
  select ends, types, latency_ms, duration_ms from (
    select unnest(ends)::text as ends, unnest(types) as types, unnest(latency_ms) as latency_ms,
      unnest(duration_ms) as duration_ms from jobforge.outcome_batches) as b order by 1
$$, $$ values ('b', 'test.job', 3000, 2000), ('b', 'test.job', 3000, 2000),
  ('c', 'test.job', 3000, 2000), ('d', 'test.job', 3000, 2000), ('f', 'test.job', 3000, 2000),
  ('r', 'test.job', 3000, 2000), ('r', 'test.job', 3000, 2000), ('r', 'test.job', 3000, 2000),
  ('s', 'test.job', 3000, 2000) $$, 'the metrics have each');
select results_eq($$ select ready, count(*)::int, sum(again)::int from (
    select ready, null::int as again from jobforge.wakeups
    union all select null, returned::int from jobforge.queue_deltas) as w group by 1 order by 1 $$,
  $$ values (false, 1, null::int), (true, 3, null), (null, 1, 5) $$,
  'wake-ups for the cap, what is ready and what is later, and five jobs that came back');

select * from finish();
rollback;
