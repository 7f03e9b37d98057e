begin;
select plan(1);

select tests.hold_job();
select jobforge_heartbeat(tests.run_id(), jsonb_build_array(
  jsonb_build_object('id', tests.id('job'), 'progress', '{"done": 5}'::jsonb)));
select is((tests.job('job')).progress, '{"done": 5}'::jsonb, 'what the handler said');

select * from finish();
rollback;
