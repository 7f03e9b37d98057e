begin;
select plan(2);

select tests.freeze();
select tests.start_run();
select tests.enqueue_each('first', 'second', 'third');
select tests.claim();
select tests.settle('first', 'errored', '{"retry_after_ms": 1000}');
select results_eq('select tests.claim()', array['second'], 'another starts meanwhile');
select tests.advance('1 second');
select results_eq('select tests.claim()', array['first'], 'then it comes before the third');

select * from finish();
rollback;
