begin;
select plan(7);

select tests.start_run();
select tests.enqueue('error ' || n) from generate_series(1, 6) as n;
select tests.claim(6);
select tests.settle('error 1', 'failed', '{"error": "a text"}');
select tests.settle('error 2', 'failed', '{"error": [1, 2]}');
select tests.settle('error 3', 'failed', '{"error": {}}');
select tests.settle('error 4', 'failed', '{"error": null}');
-- A list that prints as 52 megabytes, and one that is small.
select tests.settle('error 5', 'failed', jsonb_build_object('error', jsonb_build_object(
  'code', list, 'message', list)))
from (select jsonb_agg('1e131071'::jsonb) as list from generate_series(1, 400)) as numbers;
select tests.settle('error 6', 'failed', '{"error": {"message": [1, 2]}}');
select is(tests.status('error ' || n), 'failed', 'its outcome counts all the same')
from generate_series(1, 6) as n;
select set_eq($$
  select tests.name(id), last_error ->> 'message' from jobforge_jobs
  where tests.name(id) in ('error 5', 'error 6')
$$, $$ values ('error 5', ''), ('error 6', '[1, 2]') $$, 'a message is a text, or is small');

select * from finish();
rollback;
