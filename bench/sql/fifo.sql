-- The yardstick for fairness and limits: JobForge without them. Claims take the oldest ready jobs of
-- all tenants. No queue is locked or moved, nothing is counted, no limit is checked. The rest of
-- the round trip is the product's own.

drop index public.jobforge_jobs_ready_idx;
create index jobforge_jobs_ready_idx on public.jobforge_jobs (priority, id)
  where status = 'queued' and not scheduled and lease_expiries < 2;

create or replace function jobforge.claim(p_run_id bigint, p_limit int)
returns tid[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_token constant bigint := nextval('jobforge.lease_tokens');
  v_ctids tid[];
  v_claimed tid[] := '{}';
begin
  perform jobforge.promote(v_now);
  select array_agg(r.ctid) into v_ctids
  from (
    select j.ctid from public.jobforge_jobs as j
    where j.status = 'queued' and not j.scheduled and j.lease_expiries < 2
    order by j.priority, j.id
    limit p_limit
    for no key update skip locked
  ) as r;
  if v_ctids is null then
    return v_claimed;
  end if;
  with leased as (
    update public.jobforge_jobs as j
    set status = 'running', attempts = j.attempts + 1, run_id = p_run_id,
      lease_token = v_token, started_at = v_now
    where j.ctid = any (v_ctids)
    returning j.ctid
  )
  select array_agg(l.ctid) into v_claimed from leased as l;
  return v_claimed;
end
$$;

create or replace function jobforge.tally(p_side jobforge.tally_side, p_queue_ids int[])
returns int
language plpgsql volatile
as $$ begin return 0; end $$;

create or replace function jobforge.wake_ready_queues(p_queue_ids int[], p_ready_ids int[])
returns void
language plpgsql volatile
as $$ begin end $$;
