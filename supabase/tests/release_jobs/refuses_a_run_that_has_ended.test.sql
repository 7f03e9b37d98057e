begin;
select plan(1);

select tests.start_run();
select jobforge_finish_run(tests.run_id(), 'drained');
select tests.refuses('select jobforge_release_jobs(tests.run_id())', 'run_ended', 'finished');

select * from finish();
rollback;
