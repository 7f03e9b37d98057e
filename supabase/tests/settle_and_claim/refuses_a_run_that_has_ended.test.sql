begin;
select plan(3);

select tests.start_run();
select jobforge_finish_run(tests.run_id(), 'drained');
select tests.refuses(
  $$ select jobforge_settle_and_claim(tests.run_id()) $$, 'run_ended', 'a finished run');
select tests.refuses(
  $$ select jobforge_settle_and_claim(-1) $$, 'run_ended', 'a run that never was');
select tests.refuses(
  $$ select jobforge_settle_and_claim(null) $$, 'run_ended', 'no run');

select * from finish();
rollback;
