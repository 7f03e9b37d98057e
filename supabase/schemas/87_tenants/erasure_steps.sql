-- The steps of an erasure. The catalog lists the tables with a column tenant_id, so that none is
-- left out.

create function jobforge.tables_of_tenants()
returns setof regclass
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_class.oid::regclass
  from pg_class
  join pg_namespace on pg_namespace.oid = pg_class.relnamespace
  join pg_attribute on pg_attribute.attrelid = pg_class.oid
    and pg_attribute.attname = 'tenant_id' and not pg_attribute.attisdropped
  where pg_class.relkind in ('r', 'p')
    and (pg_namespace.nspname = 'jobforge'
      or pg_namespace.nspname = 'public' and starts_with(pg_class.relname, 'jobforge_'))
    and pg_class.oid not in ('jobforge.erasures'::regclass, 'public.jobforge_audit_log'::regclass,
      'jobforge.jobs'::regclass, 'jobforge.leases'::regclass, 'jobforge.cancel_requests'::regclass,
      'jobforge.queues'::regclass, 'public.jobforge_queues'::regclass)
  order by pg_class.oid::regclass::text
$$;
comment on function jobforge.tables_of_tenants() is
  'Returns the tables with rows of tenants, except those with an erasure step of their own.';

create function jobforge.delete_tenant_rows(p_table regclass, p_tenant_id uuid, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  execute format('delete from %s where ctid = any (array(
    select ctid from %1$s where tenant_id = $1 limit $2 for update skip locked))', p_table)
  using p_tenant_id, p_limit;
  get diagnostics v_count = row_count;
  return v_count;
exception when foreign_key_violation then
  return 0; -- a later batch deletes them, after the rows that refer to them
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
  with taken as materialized (
    select id from public.jobforge_audit_log
    where tenant_id = p_erasure.tenant_id
    limit p_limit
    for no key update skip locked
  ),
  unsalted as (
    update jobforge.audit_seals set salt = null from taken where audit_seals.entry_id = taken.id
  )
  update public.jobforge_audit_log
  set subject = null, tenant_id = null, target = null, detail = null, erasure_id = p_erasure.id
  from taken
  where jobforge_audit_log.id = taken.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function jobforge.erase_audit_entries(jobforge.erasures, int) is
  'Removes the tenant and its users from audit entries. Role, action and time stay.';

create function jobforge.erase_queues(p_erasure jobforge.erasures)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids constant int[] := (
    select array_agg(q.id) from jobforge.queues as q
    where q.tenant_id = p_erasure.alias_id);
begin
  delete from jobforge.wakeups where wakeups.ctid = any (array(
    select gone.ctid from jobforge.wakeups as gone where gone.queue_id = any (v_ids)
    for update skip locked));
  delete from jobforge.parked_queues where parked_queues.ctid = any (array(
    select gone.ctid from jobforge.parked_queues as gone where gone.queue_id = any (v_ids)
    for update skip locked));
  delete from jobforge.queue_deltas where queue_deltas.ctid = any (array(
    select gone.ctid from jobforge.queue_deltas as gone where gone.queue_id = any (v_ids)
    for update skip locked));
  delete from jobforge.queue_slots where queue_slots.ctid = any (array(
    select gone.ctid from jobforge.queue_slots as gone where gone.queue_id = any (v_ids)
    for update skip locked));
  delete from jobforge.metrics_by_minute where queue_id = any (v_ids);
  delete from jobforge.enqueue_volumes where queue_id = any (v_ids);
  delete from jobforge.queue_faults where queue_id = any (v_ids);
  delete from jobforge.queues as q where q.id = any (v_ids);
  delete from public.jobforge_queues where jobforge_queues.tenant_id = p_erasure.alias_id;
  return coalesce(cardinality(v_ids), 0);
end
$$;
comment on function jobforge.erase_queues(jobforge.erasures) is
  'Deletes the queues of the alias, with their counters.';

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
  with taken as materialized (
    select j.id from jobforge.jobs as j
    where j.tenant_id = p_erasure.tenant_id and j.id <> all (array(
      select member.id from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
      where leases.tenant_id = p_erasure.tenant_id))
    limit p_limit
    for update skip locked
  )
  delete from jobforge.jobs as j using taken
  where j.tenant_id = p_erasure.tenant_id and j.id = taken.id;
  get diagnostics v_count = row_count;
  v_counts := jsonb_build_object('jobforge.jobs', v_count);
  v_left := v_left - v_count;
  for v_table in select tenant_table from jobforge.tables_of_tenants() as tenant_table loop
    exit when v_left <= 0;
    -- A body of 5 MiB takes as long as 80 other rows.
    v_count := jobforge.delete_tenant_rows(v_table, p_erasure.tenant_id,
      case v_table when 'jobforge.webhook_bodies'::regclass then v_left / 80 + 1 else v_left end);
    v_counts := v_counts || jsonb_build_object(v_table::text, v_count);
    v_left := v_left - v_count;
  end loop;
  if v_left > 0 and not exists (
    select from jobforge.jobs as j where j.tenant_id = p_erasure.tenant_id)
  then
    delete from jobforge.cancel_requests where cancel_requests.tenant_id = p_erasure.tenant_id;
    v_counts := v_counts || jsonb_build_object(
      'public.jobforge_queues', jobforge.erase_queues(p_erasure),
      'public.jobforge_audit_log', jobforge.erase_audit_entries(p_erasure, v_left));
  end if;
  return v_counts;
end
$$;
comment on function jobforge.erase_rows(jobforge.erasures, int) is
  'Deletes up to p_limit rows of the tenant, jobs first. Running jobs stay until they finish.';

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
  -- Tables of other extensions, if they exist. What the application stores there is its own.
  for v_trace in
    select traces.relation, traces.condition
    from (values
      ('vault.secrets', $c$name like 'jobforge/' || $1 || '/%'$c$),
      ('net.http_request_queue', $c$starts_with(url,
        (select project_url || jobforge.worker_path() from jobforge.settings))
        and (position(convert_to($1, 'UTF8') in body) > 0
          or position($1 in concat(url, headers)) > 0)$c$),
      ('cron.job_run_details', $c$position($1 in concat(command, return_message)) > 0
        and jobid in (select jobid from cron.job where starts_with(jobname, 'jobforge-'))$c$)
    ) as traces (relation, condition)
    where to_regclass(traces.relation) is not null
  loop
    execute format('delete from %s where %s', v_trace.relation, v_trace.condition)
    using p_tenant_id::text;
    get diagnostics v_count = row_count;
    v_counts := v_counts || jsonb_build_object(v_trace.relation, v_count);
  end loop;
  update jobforge.retention set at_tenant = null, after_id = null where at_tenant = p_tenant_id;
  update jobforge.maintenance_tasks set position = null where position ->> 0 = p_tenant_id::text;
  update jobforge.settings set alert_tenant_id = null, alert_destination = null
  where alert_tenant_id = p_tenant_id;
  return v_counts;
end
$$;
comment on function jobforge.erase_traces(uuid) is
  'Deletes what JobForge stores about a tenant in Vault, pg_net and pg_cron.';
