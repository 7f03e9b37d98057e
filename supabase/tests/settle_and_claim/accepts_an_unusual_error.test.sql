begin;
select plan(4);

select tests.start_run();
select tests.enqueue('error ' || n) from generate_series(1, 4) as n;
select tests.claim(4);
select tests.settle('error 1', 'failed', '{"error": "a text"}');
select tests.settle('error 2', 'failed', '{"error": [1, 2]}');
select tests.settle('error 3', 'failed', '{"error": {}}');
select tests.settle('error 4', 'failed', '{"error": null}');
select is(tests.status('error ' || n), 'failed', 'its outcome counts all the same')
from generate_series(1, 4) as n;

select * from finish();
rollback;
