begin;
select plan(4);

create function pg_temp.finding(p_name text, p_url text default null)
returns text
language sql
as $$
  select format('%s: %s', f ->> 'ok', f ->> 'found')
  from json_array_elements(jobforge_doctor(p_url) -> 'findings') as f
  where f ->> 'name' = p_name
$$;

update jobforge.settings set project_url = null;
select is(pg_temp.finding('project_url'), 'false: not set: no worker is called', 'when there is none');
update jobforge.settings set project_url = 'https://acme.supabase.co';
select is(pg_temp.finding('project_url'), 'true: the database calls https://acme.supabase.co',
  'any, when the caller names none');
select is(pg_temp.finding('project_url', 'https://acme.supabase.co/'),
  'true: the database calls https://acme.supabase.co', 'the one the caller reached it by');
select is(pg_temp.finding('project_url', 'https://clone.supabase.co'),
  'false: the database calls https://acme.supabase.co', 'not that of another project');

select * from finish();
rollback;
