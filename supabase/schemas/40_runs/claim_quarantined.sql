-- Claim a quarantined job: one whose lease expired twice. It runs alone, so that a crash ends no
-- other job.

create function jobforge.claim_quarantined(p_run_id bigint)
returns tid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_job record;
  v_queue public.jobforge_queues;
  v_ctid tid;
  v_claimed tid[] := '{}'::tid[];
begin
  for v_job in
    select j.tenant_id, j.id, j.queue_id
    from public.jobforge_jobs as j join public.jobforge_queues as q on q.id = j.queue_id
    where j.status = 'queued' and not j.scheduled and j.lease_expiries >= 2
      and not q.paused and jobforge.available_starts(q, v_now) > 0
    order by j.run_at
    limit 10
  loop
    select q.* into v_queue from public.jobforge_queues as q
    where q.id = v_job.queue_id and not q.paused
    for no key update skip locked;
    continue when not found or jobforge.available_starts(v_queue, v_now) = 0;
    select j.ctid into v_ctid from public.jobforge_jobs as j
    where j.tenant_id = v_job.tenant_id and j.id = v_job.id and j.status = 'queued'
      and not j.scheduled
    for no key update skip locked;
    continue when not found;
    v_claimed := jobforge.lease(p_run_id, array[v_ctid], v_now);
    -- The lease moved the cursor, which may only follow jobs that are not quarantined.
    update public.jobforge_queues as q set cursor_at = null where q.id = v_queue.id;
    exit;
  end loop;
  return v_claimed;
end
$$;
comment on function jobforge.claim_quarantined(bigint) is
  'Starts one job whose lease expired twice or more. For a run that holds nothing else.';
