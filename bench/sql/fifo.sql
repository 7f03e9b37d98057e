-- The yardstick for fairness and limits: JobForge without them. Claims take the oldest ready jobs of
-- all tenants; nothing is counted, no queue is locked, no limit is looked at.

drop index public.jobforge_jobs_ready_idx;
create index jobforge_jobs_ready_idx on public.jobforge_jobs (priority, id)
  where status = 'queued' and not scheduled and lease_expiries < 2;

create or replace function jobforge.claim(p_run_id bigint, p_limit int)
returns setof json
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_tenant_ids uuid[];
  v_ids uuid[];
begin
  perform jobforge.promote(v_now);
  select array_agg(r.tenant_id), array_agg(r.id) into v_tenant_ids, v_ids
  from (
    select j.tenant_id, j.id from public.jobforge_jobs as j
    where j.status = 'queued' and not j.scheduled and j.lease_expiries < 2
    order by j.priority, j.id
    limit p_limit
    for no key update skip locked
  ) as r;
  return query
  with token as materialized (select nextval('jobforge.lease_tokens') as token),
  leased as (
    update public.jobforge_jobs as j
    set status = 'running', attempts = j.attempts + 1, run_id = p_run_id,
      lease_token = t.token, started_at = v_now
    from token as t, unnest(v_tenant_ids, v_ids) as p (tenant_id, id)
    where j.tenant_id = p.tenant_id and j.id = p.id
    returning j.*
  )
  select json_build_object(
    'id', l.id, 'tenant_id', l.tenant_id, 'queue', l.queue, 'type', l.type, 'payload', l.payload,
    'attempt', l.attempts, 'max_attempts', l.max_attempts, 'lease_token', l.lease_token,
    'timeout_ms', l.timeout_ms, 'traceparent', l.traceparent, 'created_at', l.created_at,
    'run_at', l.run_at)
  from leased as l
  order by l.priority, l.id;
end
$$;

create or replace function jobforge.tally_settled(p_queue_ids int[], p_requeued_ids int[])
returns void
language plpgsql volatile
as $$ begin end $$;

create or replace function jobforge.note_ready(p_queue_ids int[], p_ready_ids int[])
returns void
language plpgsql volatile
as $$ begin end $$;
