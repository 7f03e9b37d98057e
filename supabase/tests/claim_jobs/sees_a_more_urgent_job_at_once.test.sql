begin;
select plan(2);

-- The cursor stores how far claims came in a queue. A job before the cursor must reset it.
select tests.freeze();
select tests.start_run();
select tests.enqueue_each('first', 'second');
select results_eq('select tests.claim()', array['first'], 'the cursor is behind the first');
select tests.enqueue('urgent', '{"priority": -1}');
select results_eq('select tests.claim()', array['urgent'], 'a smaller priority is seen at once');

select * from finish();
rollback;
