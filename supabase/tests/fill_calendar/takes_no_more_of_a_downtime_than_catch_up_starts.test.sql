begin;
select plan(3);

select tests.freeze();
select tests.schedule(catch_up, jsonb_build_object('catch_up', catch_up, 'overlap', 'allow'))
from unnest('{skip,once,all}'::text[]) as catch_up;
select tests.advance('5 days');
select jobforge_fill_calendar(jsonb_agg(low || jsonb_build_object('times', (
  select jsonb_agg(to_char('2030-01-01 03:00'::timestamp + n * interval '1 day',
    'YYYY-MM-DD"T"HH24:MI')) from generate_series(0, 9) as n))))
from jsonb_array_elements(jobforge_fill_calendar()) as low;
select is(
  (select count(*) from jobforge.occurrences
    where schedule_id = (tests.scheduled(catch_up)).id and due_at < jobforge.clock()),
  expected, catch_up)
from (values ('skip', 0::bigint), ('once', 1), ('all', 5)) as wanted (catch_up, expected);

select * from finish();
rollback;
