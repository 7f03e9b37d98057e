begin;
select plan(7);

select tests.unused_project();
select tests.freeze();
select tests.setup();
select jobforge_start_run(p_types => '[{"type": "heavy", "runs_on": "container"}]');
delete from jobforge.runs;
create function pg_temp.dispatch()
returns int
language sql
as $$
  -- What was called before has ended, and some time ago.
  update jobforge.runs set state = 'finished', ended_at = jobforge.clock();
  select tests.advance('11 seconds');
  select jobforge_dispatch()
$$;
create function pg_temp.fill(p_tenant_id uuid, p_count int)
returns void
language sql
as $$
  select jobforge.make_queue(p_tenant_id, 'default');
  select jobforge_enqueue_jobs(
    p_tenant_id, (select jsonb_agg('{"type": "heavy"}'::jsonb) from generate_series(1, p_count)))
$$;

select pg_temp.fill(gen_random_uuid(), 2) from generate_series(1, 100);
select is(pg_temp.dispatch(), 0, 'the jobs of a hundred queues are for containers');
select tests.enqueue('light', '{}', 'globex');
update jobforge.queues set vtime = 1 where tenant_id = tests.tenant('globex');
select is(pg_temp.dispatch(), 1, 'a job in the queue behind them gets a call');
select is(jobforge.ready_jobs(jobforge.clock()), 0, 'one call, while its run may be looking');
select is(pg_temp.dispatch(), 1, 'and another one when that did not help');
select jobforge_cancel_job(tests.id('light'), tests.tenant('globex'));

delete from jobforge.ready;
update jobforge.queues set runnable = false;
select pg_temp.fill(tests.tenant('acme'), 250);
select is(pg_temp.dispatch(), 0, 'so are the first 250 jobs of a queue');
select tests.enqueue('hidden');
select is(pg_temp.dispatch(), 1, 'a job behind them gets a call');
select jobforge_cancel_job(tests.id('hidden'), tests.tenant('acme'));
select is(pg_temp.dispatch(), 0, 'none when it is gone');

select * from finish();
rollback;
