-- Prune: delete what has expired, a few thousand rows a turn.
--
-- Each function reads an index or the start of a key, and none reads a whole table. Rows that a
-- transaction holds are left for a later turn: no task waits for a caller.

create function jobforge.prune_keys(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  delete from jobforge.idempotency_keys as k
  where k.ctid = any (array(
    select k_old.ctid from jobforge.idempotency_keys as k_old
    where k_old.expires_at < p_now
    order by k_old.expires_at
    limit p_limit
    for update skip locked));
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function jobforge.prune_keys(timestamptz, int) is
  'Deletes idempotency keys that have expired.';

create function jobforge.expire_keys(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_after constant jsonb := (
    select task.position from jobforge.maintenance_tasks as task where task.name = 'expire_keys');
  v_last jsonb;
  v_count int;
begin
  -- Who deletes a job ends its key (end_keys). Of a job that went another way, as in a restore of
  -- some tables, the end is not known, so the 30 days begin when its row is seen to be gone.
  with read as materialized (
    select k.tenant_id, k.type, k.key, k.job_id, k.expires_at
    from jobforge.idempotency_keys as k
    where (k.tenant_id, k.type, k.key) > (
      coalesce((v_after ->> 0)::uuid, '00000000-0000-0000-0000-000000000000'),
      coalesce(v_after ->> 1, ''), coalesce(v_after ->> 2, ''))
    order by k.tenant_id, k.type, k.key
    limit p_limit
  ),
  expired as (
    update jobforge.idempotency_keys as k set expires_at = p_now + interval '30 days'
    where k.ctid = any (array(
      select k_old.ctid
      from jobforge.idempotency_keys as k_old
      join read using (tenant_id, type, key, job_id)
      where read.expires_at is null and k_old.expires_at is null
        and not exists (
          select from jobforge.jobs as j
          where j.tenant_id = read.tenant_id and j.id = read.job_id)
      for update of k_old skip locked))
  )
  select count(*), (
      select jsonb_build_array(read.tenant_id, read.type, read.key) from read
      order by read.tenant_id desc, read.type desc, read.key desc limit 1)
  into v_count, v_last
  from read;
  update jobforge.maintenance_tasks as task
  set position = case when v_count = p_limit then v_last end
  where task.name = 'expire_keys';
  return v_count;
end
$$;
comment on function jobforge.expire_keys(timestamptz, int) is
  'Walks over the idempotency keys. A key without an end, whose job was deleted, ends 30 days '
  'later. Returns how many keys it read.';

create function jobforge.prune_runs(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  -- Runs end about in the order of their ids. Those that live longer are few.
  delete from jobforge.runs as r
  where r.ctid = any (array(
    select r_old.ctid from jobforge.runs as r_old
    where r_old.id <= (
        select max(oldest.id)
        from (select r_first.id from jobforge.runs as r_first order by r_first.id
          limit p_limit + 500) as oldest)
      and r_old.state not in ('pending', 'live') and r_old.ended_at < p_now - interval '7 days'
    order by r_old.id
    limit p_limit
    for update skip locked));
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function jobforge.prune_runs(timestamptz, int) is
  'Deletes runs a week after their end.';

create function jobforge.prune_metrics(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  delete from jobforge.metrics_by_minute
  where metrics_by_minute.ctid = any (array(
    select expired.ctid from jobforge.metrics_by_minute as expired
    where expired.at < p_now - interval '14 days'
    order by expired.at
    limit p_limit
    for update skip locked));
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function jobforge.prune_metrics(timestamptz, int) is
  'Deletes minutes older than 14 days.';

create function jobforge.prune_alerts(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_closed int;
  v_refusals int;
begin
  delete from jobforge.alerts
  where alerts.id = any (array(
    select closed.id from jobforge.alerts as closed
    where closed.closed_at < p_now - interval '30 days' limit p_limit
    for update skip locked));
  get diagnostics v_closed = row_count;
  delete from jobforge.webhook_refusals
  where webhook_refusals.ctid = any (array(
    select counted.ctid from jobforge.webhook_refusals as counted
    where counted.at < p_now - interval '1 day' limit p_limit
    for update skip locked));
  get diagnostics v_refusals = row_count;
  delete from jobforge.enqueue_volumes
  where enqueue_volumes.ctid = any (array(
    select counted.ctid from jobforge.enqueue_volumes as counted
    where not exists (select from jobforge.queues as q where q.id = counted.queue_id)
    for update skip locked));
  return greatest(v_closed, v_refusals);
end
$$;
comment on function jobforge.prune_alerts(timestamptz, int) is
  'Deletes alerts closed 30 days ago, counts of rejected webhooks older than a day, and volumes of '
  'queues that are gone.';
