begin;
select plan(4);

create function pg_temp.sorted(p_acl aclitem[])
returns text
language sql
as $$ select string_agg(acl::text, ' ' order by acl::text) from unnest(p_acl) as acl $$;
create view pg_temp.rights as
select 'relation' as kind, oid, relrowsecurity || pg_temp.sorted(coalesce(
  relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))) as has
from pg_class
where relkind in ('r', 'v', 'S') and (relnamespace = 'jobforge'::regnamespace
  or relnamespace = 'public'::regnamespace and starts_with(relname, 'jobforge_'))
union all
select 'column', attrelid, attname || pg_temp.sorted(attacl)
from pg_attribute
where attrelid in (select oid from pg_class where starts_with(relname, 'jobforge_')) and attnum > 0
union all
select 'function', function, pg_temp.sorted(coalesce(proacl, acldefault('f', proowner)))
from jobforge.function_rights() join pg_proc on pg_proc.oid = function
union all
select 'schema', oid, pg_temp.sorted(nspacl) from pg_namespace where nspname = 'jobforge'
union all
select 'policy', polrelid,
  concat_ws(' ', polname, polcmd, polroles, pg_get_expr(polqual, polrelid))
from pg_policy;
create temp table as_installed as select * from pg_temp.rights;

grant all on all tables in schema public, jobforge to anon, authenticated, service_role;
grant all on all sequences in schema public, jobforge to anon, authenticated, service_role;
grant all on all functions in schema public, jobforge to public, anon;
grant select (secret_refs) on public.jobforge_connector_configs to authenticated;
grant usage on schema jobforge to authenticated with grant option;
revoke execute on function public.jobforge_revoke_secret(uuid, text, int)
  from authenticated;
alter table jobforge.settings disable row level security;
drop policy jobforge_queues_select_authenticated on public.jobforge_queues;
alter policy jobforge_schedules_select_authenticated on public.jobforge_schedules using (true);
alter policy jobforge_audit_log_select_authenticated on public.jobforge_audit_log to public;
select isnt(jobforge.unexpected_grants(), null, 'rights that differ are found');
select lives_ok('select jobforge.apply_rights()', 'a repair runs');
select is(jobforge.unexpected_grants(), null, 'nothing is left to find');
select set_eq('table pg_temp.rights', 'table as_installed', 'every right is as installed');

select * from finish();
rollback;
