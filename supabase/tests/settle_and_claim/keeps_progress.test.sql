begin;
select plan(2);

select tests.hold_job();
select jobforge_settle_and_claim(tests.run_id(), p_progress => jsonb_build_array(
  jsonb_build_object('id', tests.id('job'), 'progress', '{"done": 5}'::jsonb)));
select is((tests.job('job')).progress, '{"done": 5}'::jsonb, 'what the handler last said');
select jobforge_settle_and_claim(tests.run_id(), p_progress => jsonb_build_array(
  jsonb_build_object('id', tests.id('job'), 'progress', repeat('x', 5000))));
select is((tests.job('job')).progress, '{"done": 5}'::jsonb, 'but not more than 4 KiB');

select * from finish();
rollback;
