begin;
select plan(5);

select tests.unused_project();
select tests.freeze();
select tests.setup(2);
select tests.start_run('one');
select tests.start_run('two');
select tests.refuses('select tests.start_run(''three'')', 'runs_exhausted', 'two of two are live');
select is((select count(*) from jobforge.runs), 2::bigint, 'nothing is left of the third');
select jobforge_finish_run(tests.run_id('one'), 'drained');
select lives_ok('select tests.start_run(''three'')', 'when one has ended, another may start');
select tests.setup(3);
select lives_ok('select tests.start_run(''four'')', 'and when more are allowed');
select tests.advance('46 seconds');
select lives_ok('select tests.start_run(''five'')', 'and when leases have ended');

select * from finish();
rollback;
