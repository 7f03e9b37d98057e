-- Unclaimed jobs: work that the claiming run cannot take. It waits aside, no attempt spent, until a
-- run of its type comes.

create function jobforge.set_aside(p_run_id bigint, p_tokens bigint[], p_types text[])
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid[];
  v_queue_ids int[];
begin
  with members as (
    select leases.queue_id, leases.tenant_id, j.priority, j.id, j.ctid, j.type, leases.alone,
      octet_length(j.payload::text) as bytes
    from jobforge.leases
    cross join lateral unnest(leases.ids) as member (id)
    join jobforge.jobs as j on j.tenant_id = leases.tenant_id and j.id = member.id
    where leases.run_id = p_run_id and leases.token = any (p_tokens) and j.type <> all (p_types)
  ),
  aside as (
    insert into jobforge.unclaimed
      (queue_id, bytes, priority, id, tenant_id, place, type, quarantined)
    select members.queue_id, members.bytes, members.priority, members.id, members.tenant_id,
      members.ctid, members.type, members.alone
    from members
  ),
  counted as (
    select members.queue_id, count(*) as count from members group by members.queue_id
  ),
  returned as (
    update jobforge.queues as q
    set claimed = q.claimed - counted.count,
      vtime = q.vtime - round(counted.count / jobforge_queues.weight::numeric, 6)
    from counted, public.jobforge_queues
    where q.id = counted.queue_id and jobforge_queues.tenant_id = q.tenant_id
      and jobforge_queues.queue = q.queue
  )
  select array_agg(members.id), array_agg(members.queue_id) into v_ids, v_queue_ids from members;
  perform jobforge.trim_leases(p_run_id, p_tokens, v_ids);
  perform jobforge.give_slots(v_queue_ids, array_fill(-1, array[cardinality(v_queue_ids)]));
  perform jobforge.set_aside_ready(p_run_id, p_types, 1000);
  return coalesce(cardinality(v_ids), 0);
end
$$;
comment on function jobforge.set_aside(bigint, bigint[], text[]) is
  'Takes jobs of other types out of the leases that a claim just made. Returns how many.';

create function jobforge.set_aside_ready(p_run_id bigint, p_types text[], p_limit int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  -- More of the same usually waits behind, and each claim would meet a few of it.
  with next as materialized (
    select ready.ctid, j.type
    from jobforge.queues as q
    cross join lateral (
      select ready.ctid, ready.tenant_id, ready.id from jobforge.ready
      where ready.queue_id = q.id
      order by ready.priority, ready.id
      limit p_limit) as ready
    join jobforge.jobs as j on j.tenant_id = ready.tenant_id and j.id = ready.id
    where q.id in (
      select unclaimed.queue_id from jobforge.unclaimed where unclaimed.type <> all (p_types)
      limit 1000)
    limit p_limit
  ),
  gone as (
    delete from jobforge.ready using (
      select locked.ctid, next.type
      from next join jobforge.ready as locked on locked.ctid = next.ctid
      where next.type <> all (p_types)
      for update of locked skip locked) as first
    where ready.ctid = first.ctid
    returning ready.*, first.type
  )
  insert into jobforge.unclaimed (queue_id, bytes, priority, id, tenant_id, place, type)
  select gone.queue_id, gone.bytes, gone.priority, gone.id, gone.tenant_id, gone.place, gone.type
  from gone;
end
$$;
comment on function jobforge.set_aside_ready(bigint, text[], int) is
  'Moves up to p_limit more ready jobs of types that a run does not take.';

create function jobforge.return_unclaimed(p_types text[], p_limit int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  with gone as (
    delete from jobforge.unclaimed
    where unclaimed.ctid = any (array(
      select next.ctid from jobforge.unclaimed as next
      where p_types is null or next.type = any (p_types)
      limit p_limit
      for update skip locked))
    returning unclaimed.*
  ),
  readied as (
    insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
    select gone.queue_id, gone.bytes, gone.priority, gone.id, gone.tenant_id, gone.place from gone
    where not gone.quarantined
  ),
  quarantined as (
    insert into jobforge.quarantined (queue_id, priority, id, tenant_id, place)
    select gone.queue_id, gone.priority, gone.id, gone.tenant_id, gone.place from gone
    where gone.quarantined
  )
  insert into jobforge.wakeups (queue_id) select distinct gone.queue_id from gone;
end
$$;
comment on function jobforge.return_unclaimed(text[], int) is
  'Makes up to p_limit unclaimed jobs ready again, for a run that takes their types.';
