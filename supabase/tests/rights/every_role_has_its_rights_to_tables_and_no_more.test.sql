begin;
select plan(7);

-- Tenants read the rows of their tenants in public tables, and what a public view of ours reads.
-- The columns that are hidden are read by services only. Everything else is internal.
create temp table ours as
  select c.oid, c.oid::regclass::text as relation, c.relkind,
    case when c.relkind <> 'S' and c.relnamespace = 'public'::regnamespace
      or c.oid = any ('{jobforge.unsuccessful_attempts,jobforge.jobs,jobforge.ready,
        jobforge.scheduled,jobforge.quarantined,jobforge.unclaimed,jobforge.newcomers,
        jobforge.leases,jobforge.queues,jobforge.cancel_requests,
        jobforge.job_progress}'::regclass[])
      then 'tenants' else 'internal' end as kind,
    coalesce(jobforge.hidden_columns(c.oid), '{}') as hidden
  from pg_class as c
  where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and (c.relnamespace = 'jobforge'::regnamespace
    or c.relnamespace = 'public'::regnamespace and c.relname like 'jobforge\_%');
create temp table columns as
  select o.relation, o.relkind, o.kind, a.attname, a.attname = any (o.hidden) as is_hidden
  from ours as o join pg_attribute as a on a.attrelid = o.oid
  where o.relkind <> 'S' and a.attnum > 0 and not a.attisdropped;

-- Rows of two tenants in every table of tenants, jobs in each place.
update jobforge.settings set max_runs = 50;
select tests.bring(tenant || ' done', 'succeeded', tenant),
  tests.bring(tenant || ' dead', 'dead', tenant)
from unnest('{acme,globex}'::text[]) as tenant;
insert into public.jobforge_job_results (tenant_id, job_id, result, created_at)
select tests.tenant(tenant), tests.id(tenant || ' done'), '1', now()
from unnest('{acme,globex}'::text[]) as tenant;
select tests.start_run('holder');
select tests.enqueue(tenant || ' held', '{}', tenant),
  tests.enqueue(tenant || ' poison', '{}', tenant)
from unnest('{acme,globex}'::text[]) as tenant;
select tests.claim(2, 'holder');
select jobforge_heartbeat(tests.run_id('holder'), (
  select jsonb_agg(jsonb_build_object('id', unnested, 'progress', 1))
  from jobforge.leases, unnest(ids) as unnested));
select jobforge_cancel_job(id, l.tenant_id) from jobforge.leases as l, unnest(ids) as id;
select tests.quarantine_ready();
insert into jobforge.unclaimed
select queue_id, 8, priority, gen_random_uuid(), tenant_id, place, 'x'
from jobforge.quarantined;
insert into jobforge.ready select queue_id, 8, priority, gen_random_uuid(), tenant_id, place
from jobforge.quarantined;
insert into jobforge.scheduled
select queue_id, 8, now(), gen_random_uuid(), tenant_id, priority, false, place
from jobforge.quarantined;
insert into jobforge.newcomers select tenant_id, gen_random_uuid(), 2, now(), false
from jobforge.quarantined;
select tests.receive(tests.endpoint(tenant)) from unnest('{acme,globex}'::text[]) as tenant;
select tests.schedule(tenant || '-nightly', p_tenant => tenant)
from unnest('{acme,globex}'::text[]) as tenant;

create function pg_temp.statements(p_query text)
returns setof text
language plpgsql
as $$
begin
  return query execute p_query;
end
$$;
create function pg_temp.problems(p_expected text, p_statements text)
returns setof text
language sql
as $$
  select format('%s, %s: %s', actor, statement, found)
  from tests.actors as a
  cross join lateral (select * from pg_temp.statements(p_statements)) as s (statement)
  cross join lateral tests.attack(a.actor, s.statement) as o (found)
  where found is distinct from case p_expected when 'sees' then coalesce(a.sees, '42501')
    else p_expected end
$$;

select cmp_ok(
  (select count(*) from ours where relkind <> 'S'), '>=', 30::bigint, 'the tables are found');
select is_empty($$ select * from pg_temp.problems('sees', $q$
  select format('select string_agg(distinct tests.tenant_name(tenant_id), '','') from %s', relation)
  from ours where kind = 'tenants' $q$) $$,
  'every role reads the rows of its tenants and no others');
select is_empty($$ select * from pg_temp.problems('42501', $q$
  select 'select count(*) from ' || relation from ours where kind = 'internal'
  union all
  select format('select %I from %s', attname, relation) from columns
  where kind = 'internal' $q$) $$, 'no role reads what is internal');
select is_empty($$
  select role, relation, attname
  from columns, unnest('{authenticated,service_role}'::text[]) as role
  where kind = 'tenants'
    and has_column_privilege(role, relation, attname, 'select')
      = (is_hidden and role = 'authenticated')
$$, 'of the columns users see all but the hidden ones');
select is_empty($$ select * from pg_temp.problems('42501', $q$
  select format(statement, relation)
  from ours, unnest(array['insert into %s default values', 'delete from %s where false',
    'truncate %s', 'lock table %s in share mode', 'select 1 from %s limit 1 for update'])
    as statement
  where relkind in ('r', 'p') $q$) $$, 'no role writes, empties or locks a table');
select is_empty($$ select * from pg_temp.problems('42501', $q$
  select format('update %s set %I = default where false', relation, attname)
  from columns where relkind in ('r', 'p') $q$) $$, 'no role changes a column');
select is_empty($$ select * from pg_temp.problems('42501', $q$
  select format(statement, relation)
  from ours, unnest(array['select nextval(%L)', 'select setval(%L, 1)',
    'select last_value from %s']) as statement
  where relkind = 'S' $q$) $$, 'no role reads or moves a sequence');

select * from finish();
rollback;
