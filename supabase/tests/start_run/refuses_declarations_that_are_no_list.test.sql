begin;
select plan(6);

select tests.unused_project();
select tests.refuses(
  format('select jobforge_start_run(p_types => %L)', types), 'invalid_argument', types)
from unnest(array['5', '{}', '"a"', '[5]', '[{"type": "a", "timeout_ms": "long"}]']) as types;
select is((select count(*) from jobforge.runs), 0::bigint, 'no run is started');

select * from finish();
rollback;
