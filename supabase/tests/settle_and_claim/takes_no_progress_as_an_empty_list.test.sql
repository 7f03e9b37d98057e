begin;
select plan(2);

select tests.start_run();
select lives_ok(
  'select jobforge_settle_and_claim(tests.run_id(), p_progress => null)', 'null is none');
select lives_ok('select jobforge_heartbeat(tests.run_id(), null)', 'for a heartbeat, too');

select * from finish();
rollback;
