begin;
select plan(10);

select tests.unused_project();
select tests.freeze('2030-01-01 00:00:00+00');
select tests.start_run();
select tests.enqueue('early', '{"timeout_ms": 5000}');
select tests.claim();
select tests.advance('10 seconds');
select tests.enqueue('late');
select tests.claim();
select jobforge_heartbeat(tests.run_id(), jsonb_build_array(
  jsonb_build_object('id', tests.id('early'), 'progress', 1),
  jsonb_build_object('id', tests.id('late'), 'progress', 2)));
select results_eq(
  $$ select tests.name(id), attempts, progress, started_at from jobforge_jobs order by id $$,
  $$ values ('early', 1, '1'::jsonb, '2030-01-01 00:00:00.000001+00'::timestamptz),
    ('late', 1, '2', '2030-01-01 00:00:10.000002+00') $$,
  'each has its own lease, its own progress, and the attempt that runs');
select results_eq($$ select tests.name(id), timeout_ms from jobforge_jobs order by id $$,
  $$ values ('early', 5000), ('late', 60000) $$, 'and its own timeout');

select tests.settle('early', 'errored', '{"retry_after_ms": 3600000}');
select is(tests.status('early'), 'scheduled', 'it waits for its second attempt');
select is((tests.job('early')).attempts, 1, 'of one that ended');
select tests.enqueue('beside', jsonb_build_object('run_at', (tests.job('early')).run_at));
select jobforge_cancel_job(tests.id('beside'), tests.tenant('acme'));
select jobforge_reschedule_job(tests.id('early'), jobforge.clock(), tests.tenant('acme'));
select tests.enqueue('other', jsonb_build_object('run_at', jobforge.clock() + interval '1 hour'));
select is(
  array[tests.status('early'), tests.status('beside'), tests.status('other')],
  '{scheduled,canceled,scheduled}', 'each is where it lies');
select tests.start_run('second');
select tests.claim(1, 'second');
select tests.advance('5 seconds');
select tests.settle('early', 'succeeded');
select results_eq(
  $$ select attempt_no, outcome, finished_at - started_at from jobforge_job_attempts
    where job_id = tests.id('early') order by attempt_no $$,
  $$ values (1, 'errored', interval '10.000001 seconds'), (2, 'succeeded', interval '5 seconds') $$,
  'an attempt that succeeded is the last one');
select is_empty($$ select from jobforge_job_attempts where job_id = tests.id('beside') $$,
  'a job that never started has no attempt');

-- Jobs of one queue and priority, one in each place where a job waits.
select tests.enqueue('other type', '{"type": "other.job"}');
insert into tests.named_runs (name, id)
select 'picky', run_id from jobforge_start_run(p_types => '[{"type": "test.job"}]');
select tests.claim(5, 'picky');
select tests.enqueue('running');
select tests.claim(5, 'picky');
select is(array[tests.status('other type'), tests.status('running')], '{queued,running}',
  'a job that was set aside does not hide one that runs');
select jobforge_enqueue_jobs(tests.tenant('globex'),
  '[{"type": "now"}, {"type": "later", "run_at": "2030-01-02T00:00:00Z"}]');
select results_eq(
  $$ select type, status from jobforge_jobs where tenant_id = tests.tenant('globex') order by id $$,
  $$ values ('now', 'queued'), ('later', 'scheduled') $$, 'the first jobs of a tenant');
select is(
  (select array_agg(distinct queue) from jobforge_jobs where tenant_id = tests.tenant('globex')),
  '{default}', 'are in its default queue');

select * from finish();
rollback;
