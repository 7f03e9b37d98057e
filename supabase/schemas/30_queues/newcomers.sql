-- Newcomers: tenants with jobs but no queue get their default queue.

create table jobforge.failed_newcomers (
  tenant_id uuid not null,
  failed_at timestamptz not null,
  constraint failed_newcomers_pkey primary key (tenant_id)
);
comment on table jobforge.failed_newcomers is
  'Tenants whose queue could not be made, for example against a foreign key. One row, however many '
  'jobs wait.';

create function jobforge.make_queue(p_tenant_id uuid, p_queue text)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- The lock is only tried, so no caller waits for the open transaction of another.
  if not pg_try_advisory_xact_lock(1246708225, hashtext(p_tenant_id || p_queue)) then
    return false;
  end if;
  insert into public.jobforge_queues (tenant_id, queue) values (p_tenant_id, p_queue)
  on conflict do nothing;
  insert into jobforge.queues (tenant_id, queue) values (p_tenant_id, p_queue)
  on conflict do nothing;
  return true;
end
$$;
comment on function jobforge.make_queue(uuid, text) is
  'Makes a queue unless it exists. Returns false while another transaction is making it.';

create function jobforge.drop_newcomers(p_tenant_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  with taken as (
    delete from jobforge.newcomers where newcomers.ctid = any (array(
      select next.ctid from jobforge.newcomers as next
      where next.tenant_id = p_tenant_id
      limit 1000
      for update skip locked))
    returning newcomers.id
  )
  delete from jobforge.jobs as j using taken
  where j.tenant_id = p_tenant_id and j.id = taken.id;
end
$$;
comment on function jobforge.drop_newcomers(uuid) is
  'Deletes the first jobs of an erased tenant, which a transaction left that began before the '
  'erasure.';

create function jobforge.settle_tenant(p_tenant_id uuid, p_now timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue_id int;
  v_count int;
begin
  if exists (
    select from jobforge.erasures
    where erasures.tenant_hash = jobforge.tenant_hash(p_tenant_id)
      and erasures.readmitted_at is null)
  then
    perform jobforge.drop_newcomers(p_tenant_id);
    return null;
  elsif not jobforge.make_queue(p_tenant_id, 'default') then
    return null;
  end if;
  delete from jobforge.failed_newcomers where failed_newcomers.ctid = any (array(
    select made.ctid from jobforge.failed_newcomers as made
    where made.tenant_id = p_tenant_id
    for update skip locked));
  select q.id into strict v_queue_id from jobforge.queues as q
  where q.tenant_id = p_tenant_id and q.queue = 'default';
  with taken as (
    delete from jobforge.newcomers where newcomers.ctid = any (array(
      select next.ctid from jobforge.newcomers as next
      where next.tenant_id = p_tenant_id
      limit 1000
      for update skip locked))
    returning newcomers.id, newcomers.bytes
  ),
  body as (
    update jobforge.jobs as j set queue_id = v_queue_id from taken
    where j.tenant_id = p_tenant_id and j.id = taken.id
    returning j.id, j.priority, j.run_at, j.ctid, taken.bytes
  ),
  scheduled as (
    insert into jobforge.scheduled (queue_id, bytes, run_at, id, tenant_id, priority, place)
    select v_queue_id, body.bytes, body.run_at, body.id, p_tenant_id, body.priority, body.ctid
    from body
    where body.run_at > p_now
  ),
  readied as (
    insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
    select v_queue_id, body.bytes, body.priority, body.id, p_tenant_id, body.ctid from body
    where body.run_at <= p_now
  ),
  counted as (
    insert into jobforge.queue_deltas (queue_id, enqueued)
    select v_queue_id, count(*) from body having count(*) > 0
  )
  select count(*) into v_count from body;
  -- Beyond max_queued where it must be: they were accepted before the queue had a limit.
  perform jobforge.give_slots(array[v_queue_id], array[-v_count]);
  return v_queue_id;
end
$$;
comment on function jobforge.settle_tenant(uuid, timestamptz) is
  'Makes the default queue of a tenant and moves up to 1,000 of its first jobs there. Returns the '
  'queue, or null while another transaction makes it and for an erased tenant, whose jobs are '
  'deleted.';

create function jobforge.note_failed_newcomer(p_tenant_id uuid, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Another claim may note it at the same moment. The lock is the one of make_queue.
  if not pg_try_advisory_xact_lock(1246708225, hashtext(p_tenant_id || 'default')) then
    return;
  end if;
  update jobforge.failed_newcomers set failed_at = p_now
  where failed_newcomers.ctid = any (array(
    select failed.ctid from jobforge.failed_newcomers as failed
    where failed.tenant_id = p_tenant_id
    for update skip locked));
  if not exists (
    select from jobforge.failed_newcomers where failed_newcomers.tenant_id = p_tenant_id)
  then
    insert into jobforge.failed_newcomers (tenant_id, failed_at) values (p_tenant_id, p_now);
  end if;
end
$$;
comment on function jobforge.note_failed_newcomer(uuid, timestamptz) is
  'Notes that the queue of a tenant could not be made.';

create function jobforge.settle_newcomers(p_tenants int, p_now timestamptz)
returns int[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id uuid;
  v_queue_ids int[] := '{}'::int[];
begin
  for v_tenant_id in
    with recursive tenants (tenant_id, n) as (
      select jobforge.next_newcomer('00000000-0000-0000-0000-000000000000', p_now), 1
      union all
      select jobforge.next_newcomer(tenants.tenant_id, p_now), tenants.n + 1
      from tenants where tenants.tenant_id is not null and tenants.n < p_tenants
    )
    select tenants.tenant_id from tenants where tenants.tenant_id is not null
  loop
    begin
      v_queue_ids := array_remove(
        v_queue_ids || jobforge.settle_tenant(v_tenant_id, p_now), null);
    exception when others then
      -- A foreign key or a trigger of the application, for example. Only this tenant waits.
      raise warning 'jobforge: the queue of a tenant cannot be made: %',
        jobforge.short_error(sqlstate, sqlerrm);
      perform jobforge.note_failed_newcomer(v_tenant_id, p_now);
    end;
  end loop;
  return v_queue_ids;
end
$$;
comment on function jobforge.settle_newcomers(int, timestamptz) is
  'Makes the default queues of tenants that have jobs but no queue, and moves their jobs there. '
  'The error of one tenant stops no other. Returns the queues.';

create function jobforge.next_newcomer(p_after uuid, p_now timestamptz)
returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id uuid := p_after;
begin
  -- One look in the index per tenant, however many jobs of it wait.
  loop
    v_tenant_id := (
      select newcomers.tenant_id from jobforge.newcomers
      where newcomers.tenant_id > v_tenant_id
      order by newcomers.tenant_id limit 1);
    exit when v_tenant_id is null or not exists (
      select from jobforge.failed_newcomers
      where failed_newcomers.tenant_id = v_tenant_id
        and failed_newcomers.failed_at >= p_now - interval '10 seconds');
  end loop;
  return v_tenant_id;
end
$$;
comment on function jobforge.next_newcomer(uuid, timestamptz) is
  'Returns the next tenant after an id whose first jobs wait for its queue. One that failed is '
  'left out for ten seconds.';
