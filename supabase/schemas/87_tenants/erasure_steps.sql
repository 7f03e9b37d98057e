-- The steps of an erasure. Tables with a column tenant_id are found in the catalog, so that none
-- is forgotten.

create function jobforge.tables_of_tenants()
returns setof regclass
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select c.oid::regclass
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  join pg_attribute as a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
  where c.relkind in ('r', 'p')
    and (n.nspname = 'jobforge' or n.nspname = 'public' and c.relname like 'jobforge\_%')
    and c.oid not in ('jobforge.erasures'::regclass, 'public.jobforge_audit_log'::regclass,
      'public.jobforge_jobs'::regclass, 'public.jobforge_queues'::regclass)
  order by c.oid::regclass::text
$$;
comment on function jobforge.tables_of_tenants() is
  'Tables with rows of tenants, but for those that an erasure treats in its own way.';

create function jobforge.delete_tenant_rows(p_table regclass, p_tenant_id uuid, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  execute format('delete from %s where ctid = any (array(
    select t.ctid from %1$s as t where t.tenant_id = $1 limit $2 for update skip locked))', p_table)
  using p_tenant_id, p_limit;
  get diagnostics v_count = row_count;
  return v_count;
exception when foreign_key_violation then
  return 0; -- a later batch, when what points here is gone
end
$$;
comment on function jobforge.delete_tenant_rows(regclass, uuid, int) is
  'Deletes up to p_limit rows of a tenant from one table.';

create function jobforge.erase_audit_entries(p_erasure jobforge.erasures, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  with named as materialized (
    select l.id from public.jobforge_audit_log as l
    where l.tenant_id = p_erasure.tenant_id
    limit p_limit
    for no key update skip locked
  ),
  unsalted as (
    update jobforge.audit_seals as s set salt = null from named as n where s.entry_id = n.id
  )
  update public.jobforge_audit_log as l
  set subject = null, tenant_id = null, target = null, detail = null, erasure_id = p_erasure.id
  from named as n
  where l.id = n.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function jobforge.erase_audit_entries(jobforge.erasures, int) is
  'Takes the tenant and its people out of audit entries; role, action and time stay.';

create function jobforge.erase_queues(p_erasure jobforge.erasures)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids constant int[] := (
    select array_agg(q.id) from public.jobforge_queues as q
    where q.tenant_id = p_erasure.alias_id);
begin
  delete from jobforge.wakeups as w where w.queue_id = any (v_ids);
  delete from jobforge.queue_tallies as t where t.queue_id = any (v_ids);
  delete from jobforge.metrics_by_minute as m where m.queue_id = any (v_ids);
  delete from jobforge.enqueue_volumes as v where v.queue_id = any (v_ids);
  delete from public.jobforge_queues as q where q.id = any (v_ids);
  return coalesce(cardinality(v_ids), 0);
end
$$;
comment on function jobforge.erase_queues(jobforge.erasures) is
  'Deletes the queues that stood under the alias, with their counters.';

create function jobforge.erase_rows(p_erasure jobforge.erasures, p_limit int)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_counts jsonb := '{}'::jsonb;
  v_left int := p_limit;
  v_count int;
  v_table regclass;
begin
  with held as materialized (
    select j.id from public.jobforge_jobs as j
    where j.tenant_id = p_erasure.tenant_id and j.status <> 'running'
    limit p_limit
    for update skip locked
  )
  delete from public.jobforge_jobs as j using held as h
  where j.tenant_id = p_erasure.tenant_id and j.id = h.id;
  get diagnostics v_count = row_count;
  v_counts := jsonb_build_object('public.jobforge_jobs', v_count);
  v_left := v_left - v_count;
  for v_table in select t from jobforge.tables_of_tenants() as t loop
    exit when v_left <= 0;
    v_count := jobforge.delete_tenant_rows(v_table, p_erasure.tenant_id, v_left);
    v_counts := v_counts || jsonb_build_object(v_table::text, v_count);
    v_left := v_left - v_count;
  end loop;
  if v_left > 0 and not exists (
    select from public.jobforge_jobs as j where j.tenant_id = p_erasure.tenant_id)
  then
    v_counts := v_counts || jsonb_build_object(
      'public.jobforge_queues', jobforge.erase_queues(p_erasure),
      'public.jobforge_audit_log', jobforge.erase_audit_entries(p_erasure, v_left));
  end if;
  return v_counts;
end
$$;
comment on function jobforge.erase_rows(jobforge.erasures, int) is
  'Deletes up to p_limit rows of the tenant, jobs first. Running jobs are waited for.';

create function jobforge.erase_traces(p_tenant_id uuid)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_counts jsonb := '{}'::jsonb;
  v_count int;
  v_trace record;
begin
  -- Other extensions' tables, as far as they are there: secrets, calls and histories.
  for v_trace in
    select t.relation, t.condition
    from (values
      ('vault.secrets', $c$name like 'jobforge/' || $1 || '/%'$c$),
      ('net.http_request_queue', $c$position(convert_to($1, 'UTF8') in body) > 0
        or position($1 in concat(url, headers)) > 0$c$),
      ('net._http_response', $c$position($1 in concat(content, headers, error_msg)) > 0$c$),
      ('cron.job_run_details', $c$position($1 in concat(command, return_message)) > 0$c$)
    ) as t (relation, condition)
    where to_regclass(t.relation) is not null
  loop
    execute format('delete from %s where %s', v_trace.relation, v_trace.condition)
    using p_tenant_id::text;
    get diagnostics v_count = row_count;
    v_counts := v_counts || jsonb_build_object(v_trace.relation, v_count);
  end loop;
  update jobforge.retention as r set at_tenant = null, after_id = null
  where r.at_tenant = p_tenant_id;
  -- Notices to the operator are jobs of the operator's own tenant.
  delete from public.jobforge_jobs as j using jobforge.settings as s
  where j.tenant_id = s.alert_tenant_id and j.finished_at is not null
    and j.type = 'connector.webhook.deliver'
    and j.payload #>> '{data,tenant_id}' = p_tenant_id::text;
  update jobforge.settings as s set alert_tenant_id = null, alert_destination = null
  where s.alert_tenant_id = p_tenant_id;
  return v_counts;
end
$$;
comment on function jobforge.erase_traces(uuid) is
  'Deletes what Vault, pg_net and pg_cron hold about a tenant.';

create function jobforge.has_tenant_rows(p_erasure jobforge.erasures)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table regclass;
  v_found boolean;
begin
  for v_table in
    select t from jobforge.tables_of_tenants() as t
    union all
    select u from unnest('{public.jobforge_jobs,public.jobforge_queues,public.jobforge_audit_log}'
      ::regclass[]) as u
  loop
    execute format('select exists (select from %s where tenant_id = any ($1))', v_table)
    into v_found using array[p_erasure.tenant_id, p_erasure.alias_id];
    if v_found then
      return true;
    end if;
  end loop;
  return false;
end
$$;
comment on function jobforge.has_tenant_rows(jobforge.erasures) is
  'Whether any table still has a row of the tenant.';
