begin;
select plan(7);

select tests.start_run();
select tests.refuses(
  format('select jobforge_complete_jobs(tests.run_id(), %L)', report), 'invalid_argument',
  coalesce(report, 'null'))
from unnest(array[null, '{}', '"done"', '5']) as report;
select tests.refuses(
  format('select jobforge_complete_jobs(tests.run_id(), %L)', report), 'invalid_argument', report)
from unnest(array['["done"]', '[null]', '[[]]']) as report;

select * from finish();
rollback;
