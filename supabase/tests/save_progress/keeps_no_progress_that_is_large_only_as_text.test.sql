begin;
select plan(1);

select tests.hold_job();
select jobforge_heartbeat(tests.run_id(), jsonb_build_array(jsonb_build_object(
  'id', tests.id('job'), 'progress', array_fill('1e131071'::numeric, '{50}'))));
select ok((tests.job('job')).progress is null, 'what prints as megabytes is more than 4 KiB');

select * from finish();
rollback;
