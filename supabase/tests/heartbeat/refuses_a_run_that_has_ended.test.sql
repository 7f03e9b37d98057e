begin;
select plan(2);

select tests.start_run();
select jobforge_finish_run(tests.run_id(), 'drained');
select tests.refuses('select jobforge_heartbeat(tests.run_id())', 'run_ended', 'finished');
select tests.refuses('select jobforge_heartbeat(-1)', 'run_ended', 'never started');

select * from finish();
rollback;
