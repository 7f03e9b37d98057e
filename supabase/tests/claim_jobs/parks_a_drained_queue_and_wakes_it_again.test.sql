begin;
select plan(3);

select tests.hold_job('first');
select is_empty('select tests.claim()', 'nothing is left');
select is((tests.queue()).runnable, false, 'the queue is out of the claims'' way');
select tests.enqueue('second');
select results_eq('select tests.claim()', array['second'], 'the next job brings it back');

select * from finish();
rollback;
