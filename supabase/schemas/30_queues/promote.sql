-- Promote: jobs and queues whose time has come, and wake-ups, become claimable.

create function jobforge.promote(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_found record;
  v_queue_ids int[];
  v_queue_id int;
begin
  select exists (select from public.jobforge_queues as q where q.wake_at <= p_now) as queue_due,
    exists (select from public.jobforge_jobs as j where j.scheduled and j.run_at <= p_now)
      as job_due,
    exists (select from jobforge.wakeups) as wakeup_left
  into v_found;
  if v_found.queue_due then
    with due as materialized (
      select q.id from public.jobforge_queues as q where q.wake_at <= p_now
      limit 100
      for no key update skip locked
    )
    select array_agg(due.id) into v_queue_ids from due;
    update public.jobforge_queues as q set wake_at = null where q.id = any (v_queue_ids);
    perform jobforge.wake_queues(v_queue_ids);
  end if;

  if v_found.job_due then
    with due as materialized (
      select j.tenant_id, j.id from public.jobforge_jobs as j
      where j.scheduled and j.run_at <= p_now
      order by j.run_at
      limit 500
      for no key update skip locked
    ),
    promoted as (
      update public.jobforge_jobs as j set scheduled = false
      from due where j.tenant_id = due.tenant_id and j.id = due.id
      returning j.queue_id
    )
    select array_agg(distinct promoted.queue_id order by promoted.queue_id) into v_queue_ids
    from promoted;
    foreach v_queue_id in array coalesce(v_queue_ids, '{}') loop
      perform pg_advisory_xact_lock_shared(jobforge.parking_lock(), v_queue_id);
    end loop;
    perform jobforge.wake_or_add_wakeup(v_queue_ids);
  end if;

  if v_found.wakeup_left then
    select array_agg(distinct oldest.queue_id) into v_queue_ids
    from (select wakeups.queue_id from jobforge.wakeups limit 1000) as oldest;
    v_queue_ids := jobforge.wake_queues(v_queue_ids);
    delete from jobforge.wakeups where wakeups.queue_id = any (v_queue_ids);
  end if;
end
$$;
comment on function jobforge.promote(timestamptz) is
  'Makes claimable what became due by time or was left as a wake-up.';
