begin;
select plan(2);

select tests.freeze();
select tests.start_run();
select tests.enqueue_each('first', 'second', 'third');
select results_eq('select tests.claim(2)', array['first', 'second'], 'the cursor is behind both');
select tests.settle('first', 'released');
select results_eq('select tests.claim()', array['first'], 'it comes before the third');

select * from finish();
rollback;
