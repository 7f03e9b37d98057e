-- Take waiting jobs out of their places, for a cancellation or a new time.
--
-- The transaction that deleted the narrow row of a job owns its body. No other one writes it. A row
-- that another transaction holds is skipped: a claim is starting the job, or another call changes
-- it.

create function jobforge.take_waiting(p_tenant_id uuid, p_ids uuid[])
returns table (id uuid, queue_id int)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
begin
  return query
  with open as materialized (
    select j.id, j.queue_id, j.priority, j.run_at from jobforge.jobs as j
    where j.tenant_id = p_tenant_id and j.id = any (p_ids) and j.status is null
  ),
  from_ready as (
    delete from jobforge.ready where ready.ctid = any (array(
      select next.ctid from open join jobforge.ready as next on next.queue_id = open.queue_id
        and next.priority = open.priority and next.id = open.id
      for update of next skip locked))
    returning ready.id, ready.queue_id
  ),
  from_scheduled as (
    delete from jobforge.scheduled where scheduled.ctid = any (array(
      select next.ctid from open join jobforge.scheduled as next on next.queue_id = open.queue_id
        and next.run_at = open.run_at and next.id = open.id
      for update of next skip locked))
    returning scheduled.id, scheduled.queue_id
  ),
  from_quarantined as (
    delete from jobforge.quarantined where quarantined.ctid = any (array(
      select next.ctid from open join jobforge.quarantined as next on next.queue_id = open.queue_id
        and next.priority = open.priority and next.id = open.id
      for update of next skip locked))
    returning quarantined.id, quarantined.queue_id
  ),
  from_unclaimed as (
    delete from jobforge.unclaimed where unclaimed.ctid = any (array(
      select next.ctid from open join jobforge.unclaimed as next on next.queue_id = open.queue_id
        and next.priority = open.priority and next.id = open.id
      for update of next skip locked))
    returning unclaimed.id, unclaimed.queue_id
  ),
  from_newcomers as (
    delete from jobforge.newcomers where newcomers.ctid = any (array(
      select next.ctid from open join jobforge.newcomers as next
        on next.tenant_id = p_tenant_id and next.id = open.id
      for update of next skip locked))
    returning newcomers.id, 0
  )
  select * from from_ready
  union all select * from from_scheduled
  union all select * from from_quarantined
  union all select * from from_unclaimed
  union all select * from from_newcomers;
end
$$;
comment on function jobforge.take_waiting(uuid, uuid[]) is
  'Deletes the narrow rows of waiting jobs that no other transaction holds. Returns these jobs.';

create function jobforge.find_job(p_job_id uuid, p_tenant_id uuid)
returns public.jobforge_jobs
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job public.jobforge_jobs;
begin
  select j.* into v_job from public.jobforge_jobs as j
  where j.tenant_id = any (jobforge.callers_tenants(p_tenant_id)) and j.id = p_job_id;
  if not found then
    perform jobforge.fail('not_found', 'no such job');
  end if;
  return v_job;
end
$$;
comment on function jobforge.find_job(uuid, uuid) is
  'Returns the job. An unknown job and a job of another tenant raise the same not_found.';

create function jobforge.fail_busy()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform jobforge.fail('busy',
    'another transaction is changing the job: try again after it has ended');
end
$$;
comment on function jobforge.fail_busy() is
  'Raises busy for a job that another transaction has held for a second.';
