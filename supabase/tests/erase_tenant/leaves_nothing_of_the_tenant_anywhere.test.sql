begin;
select plan(6);

select tests.furnish('acme', 'globex');

select net.http_post((select project_url || '/functions/v1/worker' from jobforge.settings),
  jsonb_build_object('tenant', tests.tenant(tenant)))
from unnest('{acme,globex}'::text[]) as tenant;
insert into cron.job_run_details (runid, jobid, command, return_message)
select -row_number() over (), (select jobid from cron.job where jobname = 'jobforge-dispatch'),
  'select', tests.tenant(tenant)::text
from unnest('{acme,globex}'::text[]) as tenant;

create function pg_temp.places_of(p_tenant text)
returns setof text
language plpgsql
as $$
declare
  v_column record;
  v_found boolean;
begin
  -- Every column that can hold an id or a text, of every table of ours and of the extensions.
  for v_column in
    select c.oid::regclass as relation, a.attname
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind in ('r', 'p')
      and (n.nspname in ('jobforge', 'net', 'cron', 'vault')
        or n.nspname = 'public' and c.relname like 'jobforge\_%')
      and a.atttypid::regtype::text
        in ('uuid', 'text', 'jsonb', 'json', 'bytea', 'uuid[]', 'text[]', 'character varying')
  loop
    execute format('select exists (select from %s where position(%L in lower(%s)) > 0)',
      v_column.relation, tests.tenant(p_tenant), case
        when v_column.relation::text = 'net.http_request_queue' and v_column.attname = 'body'
        then 'convert_from(body, ''UTF8'')' else quote_ident(v_column.attname) || '::text' end)
    into v_found;
    if v_found then
      return next v_column.relation || '.' || v_column.attname;
    end if;
  end loop;
end
$$;

create temp table before as select p from pg_temp.places_of('acme') as p;
select cmp_ok((select count(*) from before), '>=', 15::bigint, 'there is something in many places');
create temp table others as select p from pg_temp.places_of('globex') as p;
select is(tests.erase('acme') ->> 'state', 'finished', 'it is erased');
select is_empty($$ select pg_temp.places_of('acme') $$, 'and its id is nowhere');
select bag_eq(
  $$ select pg_temp.places_of('globex') $$, 'select p from others',
  'another tenant keeps all it has');
select is(
  (select count(*) from tests.vault_names()), 2::bigint, 'its secrets, too');
select is(jobforge_verify_audit() -> 'intact', 'true', 'and the audit log still holds');

select * from finish();
rollback;
