begin;
select plan(2);

select tests.freeze();
select tests.hold_job();
select tests.advance('40 seconds');
select is(
  (jobforge_heartbeat(tests.run_id()) ->> 'lease_expires_at')::timestamptz,
  jobforge.clock() + interval '45 seconds', 'the answer has its new end');
select tests.advance('40 seconds');
select jobforge_dispatch();
select is(tests.status('job'), 'running', 'the job is still the run''s');

select * from finish();
rollback;
