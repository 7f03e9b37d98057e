begin;
select plan(7);

select tests.sealed_log();

create function pg_temp.problem_after(p_change text)
returns text
language plpgsql
as $$
declare
  v_found text;
begin
  execute 'update jobforge_audit_log set ' || p_change || ' where target = ''target 3''';
  select string_agg(concat(p ->> 'seq', ' ', p ->> 'problem'), ', ') into v_found
  from jsonb_array_elements(jobforge_verify_audit() -> 'problems') as p;
  raise exception using errcode = 'P9999', message = coalesce(v_found, 'nothing');
exception when sqlstate 'P9999' then
  return sqlerrm;
end
$$;
select is(pg_temp.problem_after(change), '3 changed', change)
from unnest(array[$$target = 'other'$$, $$detail = '{}'$$, $$subject = 'x'$$,
  $$tenant_id = tests.tenant('globex')$$, $$action = 'other'$$, $$role = 'other'$$,
  $$at = at + interval '1 microsecond'$$]) as change;

select * from finish();
rollback;
