begin;
select plan(2);

-- Claims remember how far they came in a queue, so a job before that mark must reset it.
select tests.freeze();
select tests.start_run();
select tests.enqueue_each('first', 'second');
select results_eq('select tests.claim()', array['first'], 'the mark is behind the first');
select tests.enqueue('urgent', '{"priority": -1}');
select results_eq('select tests.claim()', array['urgent'], 'a smaller priority is seen at once');

select * from finish();
rollback;
