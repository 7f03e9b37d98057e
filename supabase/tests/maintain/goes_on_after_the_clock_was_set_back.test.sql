begin;
select plan(7);

select tests.freeze();
select tests.fill('acme', 3);
select jobforge_dispatch();
select tests.maintain();
select isnt((select at from jobforge.enqueue_volumes limit 1), null, 'volumes are observed');
select jobforge.delete_expired_jobs(jobforge.clock(), 2000);
select cmp_ok((select resting_until from jobforge.retention), '>', jobforge.clock(),
  'retention rests');
select tests.advance('-60 days');

select is(jobforge.start_task(clock_timestamp() + interval '1 minute') is null, false,
  'a task that was due later is due now');
select is((select count(*) from jobforge.maintenance_tasks
  where next_at > jobforge.clock() + interval '1 day' and next_at < 'infinity') > 0, true,
  'as the others are');
select lives_ok($$ select jobforge.evaluate_alerts(jobforge.clock()) $$, 'alerts are evaluated');
select is((select alerts_evaluated_at from jobforge.roll_up_progress), jobforge.clock(),
  'by the new clock');
select jobforge.delete_expired_jobs(jobforge.clock(), 2000);
select cmp_ok((select resting_until from jobforge.retention), '<=',
  jobforge.clock() + interval '1 hour', 'and retention goes on');

select * from finish();
rollback;
