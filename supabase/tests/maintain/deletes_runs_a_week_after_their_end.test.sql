begin;
select plan(1);

select tests.freeze();
select tests.start_run('old');
select jobforge_finish_run(tests.run_id('old'), 'drained');
select tests.advance('1 day');
select tests.start_run('recent');
select jobforge_finish_run(tests.run_id('recent'), 'drained');
select tests.start_run('live');
select tests.advance('6 days 1 second');
select tests.maintain();
select bag_eq('select worker from jobforge.runs', array['recent', 'live'], 'and no others');

select * from finish();
rollback;
