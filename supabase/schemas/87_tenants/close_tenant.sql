-- Close a tenant: the first step of an erasure.

create function jobforge.close_tenant(p_erasure jobforge.erasures)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- What another transaction holds is closed by a later batch.
  with free as materialized (
    select q.id from jobforge.queues as q join public.jobforge_queues
      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
    where q.tenant_id = p_erasure.tenant_id
    for update skip locked
  ),
  closed as (
    update jobforge.queues as q
    set tenant_id = p_erasure.alias_id, runnable = false, blocked = false, wake_at = null
    from free
    where q.id = free.id
    returning q.queue
  )
  update public.jobforge_queues set tenant_id = p_erasure.alias_id, paused = true
  from closed
  where jobforge_queues.tenant_id = p_erasure.tenant_id and jobforge_queues.queue = closed.queue;
  insert into jobforge.cancel_requests (tenant_id, job_id, requested_at)
  select p_erasure.tenant_id, member.id, jobforge.clock()
  from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
  where leases.tenant_id = p_erasure.tenant_id
  on conflict do nothing;
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
  if not pg_try_advisory_xact_lock(1246708293, hashtext(p_tenant_id::text)) then
    raise exception using errcode = 'lock_not_available';
  end if;
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
