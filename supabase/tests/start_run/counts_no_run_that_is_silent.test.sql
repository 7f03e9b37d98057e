begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
select tests.setup(2);
select tests.start_run('one');
select tests.start_run('two');
select tests.advance('7 seconds');
select tests.refuses('select tests.start_run(''three'')', 'runs_exhausted',
  'a full worker reports every five seconds');
select tests.advance('1 millisecond');
select jobforge_heartbeat(tests.run_id('two'));
select lives_ok('select tests.start_run(''three'')', 'the isolate of the first is probably gone');
select tests.refuses('select tests.start_run(''four'')', 'runs_exhausted',
  'the one that reported is not');
select tests.advance('8 seconds');
select lives_ok('select tests.start_run(''four'')', 'four leases, all silent');
select tests.refuses('select tests.start_run(''five'')', 'runs_exhausted',
  'but no more than twice max_runs, however many are silent');
select is((select count(*) from jobforge.runs where state = 'live'), 4::bigint, 'four leases');

select * from finish();
rollback;
