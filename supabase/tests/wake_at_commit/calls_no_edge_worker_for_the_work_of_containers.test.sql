begin;
select plan(6);

select tests.unused_project();
select tests.setup();
select jobforge_start_run(p_types => '[{"type": "heavy", "runs_on": "container"}]');
delete from jobforge.runs;
select tests.known('acme');
select jobforge_enqueue_job(tests.tenant('acme'), 'heavy');
select tests.commit();
select is(tests.call_count(), 0, 'not for one job');
select tests.fill('acme', 200, '{"type": "heavy"}');
select tests.commit();
select is(tests.call_count(), 0, 'nor for a batch');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": 1}');
select tests.start_run('machine', 1, '[{"type": "heavy", "runs_on": "container"}]', 'container');
select jobforge_settle_and_claim(tests.run_id('machine'), '[]', 1);
select jobforge_settle_and_claim(tests.run_id('machine'), (
  select jsonb_build_array(jsonb_build_object('id', l.ids[1], 'lease_token', l.token,
    'outcome', 'succeeded')) from jobforge.leases as l), 1);
select tests.commit();
select is(tests.call_count(), 0, 'nor when one ends and its queue starts the next');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": null}');
select jobforge_enqueue_jobs(tests.tenant('acme'), '[{"type": "heavy"}, {"type": "heavy"}]');
select tests.commit();
select is(tests.call_count(), 0, 'nor for more of the same');
select jobforge_enqueue_jobs(tests.tenant('acme'), '[{"type": "test.job"}, {"type": "heavy"}]');
select tests.commit();
select is(tests.call_count(), 1, 'but for a batch with another job behind them');
delete from jobforge.runs where state = 'pending';
select jobforge_enqueue_job(tests.tenant('acme'), 'other.job');
select tests.commit();
select is(tests.call_count(), 2, 'also for a single one, although a wake-up for others is left');

select * from finish();
rollback;
