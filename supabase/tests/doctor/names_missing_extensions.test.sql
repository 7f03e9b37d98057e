begin;
select plan(2);

create function pg_temp.finding(p_name text, p_url text default null)
returns text
language sql
as $$
  select format('%s: %s', f ->> 'ok', f ->> 'found')
  from json_array_elements(jobforge_doctor(p_url) -> 'findings') as f
  where f ->> 'name' = p_name
$$;

select is(pg_temp.finding('extensions'), 'true: pg_cron and pg_net are enabled', 'when both are there');
create or replace function jobforge.missing_extensions()
returns text[] language sql stable set search_path = pg_catalog, pg_temp
as $$ select array['pg_net'] $$;
select is(pg_temp.finding('extensions'), 'false: missing: pg_net', 'when one is not');

select * from finish();
rollback;
