begin;
select plan(1);

select tests.start_run();
select jobforge_finish_run(tests.run_id(), 'drained');
select tests.refuses(
  $$ select jobforge_finish_run(tests.run_id(), 'drained') $$, 'run_ended', 'it has ended');

select * from finish();
rollback;
