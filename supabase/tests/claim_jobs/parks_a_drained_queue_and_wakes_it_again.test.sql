begin;
select plan(3);

select tests.start_run();
select tests.enqueue('first');
select tests.claim();
select is_empty('select tests.claim()', 'nothing is left');
select is((select runnable from jobforge_queues), false, 'the queue is out of the claims'' way');
select tests.enqueue('second');
select results_eq('select tests.claim()', array['second'], 'the next job brings it back');

select * from finish();
rollback;
