-- Close a tenant: the first step of an erasure.

create function jobforge.close_tenant(p_erasure jobforge.erasures)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue_id int;
begin
  for v_queue_id in
    select q.id from public.jobforge_queues as q
    where q.tenant_id = p_erasure.tenant_id
    order by q.id
  loop
    -- An enqueue holds this lock until its commit. A later enqueue finds the alias.
    perform pg_advisory_xact_lock(jobforge.parking_lock(), v_queue_id);
    update public.jobforge_queues as q
    set tenant_id = p_erasure.alias_id, paused = true, runnable = false, wake_at = null
    where q.id = v_queue_id;
  end loop;
  update public.jobforge_jobs as j set cancel_requested_at = jobforge.clock()
  where j.tenant_id = p_erasure.tenant_id and j.status = 'running'
    and j.cancel_requested_at is null;
end
$$;
comment on function jobforge.close_tenant(jobforge.erasures) is
  'Gives the queues of the tenant to the alias, and asks its running jobs to stop.';

create function jobforge.begin_erasure(p_tenant_id uuid)
returns jobforge.erasures
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_erasure jobforge.erasures;
begin
  perform pg_advisory_xact_lock(1246708293, hashtext(p_tenant_id::text));
  select * into v_erasure from jobforge.erasures
  where tenant_hash = jobforge.tenant_hash(p_tenant_id) and readmitted_at is null
  for no key update;
  if not found then
    insert into jobforge.erasures (tenant_hash, tenant_id, alias_id, started_at)
    values (jobforge.tenant_hash(p_tenant_id), p_tenant_id, gen_random_uuid(), jobforge.clock())
    returning * into v_erasure;
    perform jobforge.audit('begin_erasure', null, 'erasure ' || v_erasure.id, null);
  end if;
  return v_erasure;
end
$$;
comment on function jobforge.begin_erasure(uuid) is
  'Locks and returns the erasure of the tenant: the present one, the last one, or a new one.';
