begin;
select plan(10);

select tests.as_member('acme');
select tests.refuses('select jobforge_enqueue_jobs()', 'invalid_argument', 'no batch at all');
select tests.refuses(
  format('select jobforge_enqueue_jobs(p_jobs => %L)', jobs), 'invalid_argument', jobs)
from unnest(array['null', '[]', '{}', '{"type": "test.job"}', '"test.job"', '[null]',
  '["test.job"]', '[[]]', '[{"type": "test.job"}, 5]']) as jobs;

select * from finish();
rollback;
