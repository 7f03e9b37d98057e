begin;
select plan(5);

select tests.start_run();
select tests.refuses(
  format('select jobforge_heartbeat(tests.run_id(), %L)', progress), 'invalid_argument', progress)
from unnest(array['5', '{}', '"done"', '[5]', '[{"id": "x", "progress": 1}]']) as progress;

select * from finish();
rollback;
