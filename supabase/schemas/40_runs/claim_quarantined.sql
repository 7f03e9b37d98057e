-- Claim a quarantined job: one whose lease expired twice. It runs alone, so that a crash ends no
-- other job. One of each queue and a quarter of max_runs in all run at a time, by fair share.

create function jobforge.claim_quarantined(p_run_id bigint, p_now timestamptz)
returns jobforge.claimed
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_queue record;
  v_token bigint;
begin
  -- Tried only, so that a claim beside this one goes on with other work.
  if not pg_try_advisory_xact_lock(1246708226, 0)
    or (select count(*) from jobforge.leases where leases.alone)
      >= (select greatest(settings.max_runs / 4, 1) from jobforge.settings)
  then
    return null;
  end if;
  for v_queue in
    with recursive waiting (queue_id, n) as (
      (select quarantined.queue_id, 1 from jobforge.quarantined
        order by quarantined.queue_id limit 1)
      union all
      select (select quarantined.queue_id from jobforge.quarantined
        where quarantined.queue_id > waiting.queue_id order by quarantined.queue_id limit 1),
        waiting.n + 1
      from waiting where waiting.queue_id is not null and waiting.n < 1000
    )
    select q.id, q as state, jobforge_queues as settings
    from waiting
    join jobforge.queues as q on q.id = waiting.queue_id
    join public.jobforge_queues
      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
    where not exists (
        select from jobforge.leases where leases.queue_id = q.id and leases.alone)
      and jobforge.available_starts(q, jobforge_queues, p_now) > 0
    order by q.vtime
    limit 10
  loop
    v_token := jobforge.lease_quarantined(p_run_id, v_queue.id, v_queue.settings, p_now);
    if v_token is not null then
      return row(array[v_token], 1, null, true, false)::jobforge.claimed;
    end if;
  end loop;
  return null;
end
$$;
comment on function jobforge.claim_quarantined(bigint, timestamptz) is
  'Starts one job whose lease expired twice or more. For a run that holds nothing else.';

create function jobforge.lease_quarantined(
  p_run_id bigint, p_queue_id int, p_settings public.jobforge_queues, p_now timestamptz)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue jobforge.queues;
  v_token bigint;
begin
  select q.* into v_queue from jobforge.queues as q where q.id = p_queue_id
  for no key update skip locked;
  if not found or jobforge.available_starts(v_queue, p_settings, p_now) = 0 then
    return null;
  end if;
  with gone as (
    delete from jobforge.quarantined
    where quarantined.ctid = (
      select next.ctid from jobforge.quarantined as next
      where next.queue_id = p_queue_id
      order by next.priority, next.id
      limit 1
      for update skip locked)
    returning quarantined.*
  ),
  moved as (
    update jobforge.queues as q
    set vtime = q.vtime + round(1 / p_settings.weight::numeric, 6), claimed = q.claimed + 1,
      tat = case when p_settings.rate_limit is null then q.tat
        else p_now + make_interval(secs => (jobforge.used_starts(q, p_now) + 1)
          * jobforge.rate_interval(p_settings)) end,
      tat_interval = coalesce(jobforge.rate_interval(p_settings), q.tat_interval),
      tat_at = case when p_settings.rate_limit is null then q.tat_at else p_now end
    from gone
    where q.id = gone.queue_id
  )
  insert into jobforge.leases
    (run_id, token, queue_id, tenant_id, started_at, alone, ids, places)
  select p_run_id, nextval('jobforge.lease_tokens'), gone.queue_id, gone.tenant_id, p_now, true,
    array[gone.id], array[gone.place]
  from gone
  returning leases.token into v_token;
  if v_token is not null and p_settings.max_queued is not null then
    perform jobforge.give_slots(array[p_queue_id], array[1]);
  end if;
  return v_token;
end
$$;
comment on function jobforge.lease_quarantined(
  bigint, int, public.jobforge_queues, timestamptz) is
  'Starts the next quarantined job of a queue. Returns the token of its lease.';
