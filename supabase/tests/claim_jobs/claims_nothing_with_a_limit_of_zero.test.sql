begin;
select plan(2);

select tests.start_run();
select tests.enqueue('job');
select is_empty('select tests.claim(0)', 'nothing is asked for');
select is(tests.status('job'), 'queued', 'nothing starts');

select * from finish();
rollback;
