-- The yardstick for fairness and limits: JobForge without them. Claims take the oldest ready jobs of
-- all tenants. No queue is locked or moved, nothing is counted, no limit is checked. The rest of
-- the round trip is the product's own.

alter table jobforge.ready drop constraint ready_pkey;
create unique index ready_pkey on jobforge.ready (priority, id);

create or replace function jobforge.claim(
  p_run_id bigint, p_limit int, p_floor numeric, p_now timestamptz)
returns jobforge.claimed
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_claimed jobforge.claimed;
begin
  with gone as (
    delete from jobforge.ready
    where ready.ctid = any (array(
      select next.ctid from jobforge.ready as next
      order by next.priority, next.id
      limit p_limit
      for update skip locked))
    returning ready.queue_id, ready.id, ready.tenant_id, ready.place
  ),
  started as materialized (
    select gone.queue_id, gone.tenant_id, count(*)::int as count, array_agg(gone.id) as ids,
      array_agg(gone.place) as places, nextval('jobforge.lease_tokens') as token
    from gone group by gone.queue_id, gone.tenant_id
  ),
  leased as (
    insert into jobforge.leases (run_id, token, queue_id, tenant_id, started_at, ids, places)
    select p_run_id, s.token, s.queue_id, s.tenant_id, p_now, s.ids, s.places from started as s
  )
  select coalesce(array_agg(s.token), '{}'), coalesce(sum(s.count), 0)::int, null, false
  into v_claimed from started as s;
  return v_claimed;
end
$$;
