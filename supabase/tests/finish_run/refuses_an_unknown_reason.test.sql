begin;
select plan(4);

select tests.start_run();
select tests.refuses(
  format('select jobforge_finish_run(tests.run_id(), %L)', reason), 'invalid_argument',
  coalesce(reason, 'null'))
from unnest('{done,"",null}'::text[]) as reason;
select is((tests.run()).state, 'live', 'the run goes on');

select * from finish();
rollback;
