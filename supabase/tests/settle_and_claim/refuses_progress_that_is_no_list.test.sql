begin;
select plan(5);

select tests.start_run();
select tests.refuses(
  format('select jobforge_settle_and_claim(tests.run_id(), p_progress => %L)', progress),
  'invalid_argument', progress)
from unnest(array['5', '{"id": 1}', '"done"', '[5]', '[{"id": "x", "progress": 1}]']) as progress;

select * from finish();
rollback;
