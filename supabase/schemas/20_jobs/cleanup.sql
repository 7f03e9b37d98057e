-- Delete finished jobs of one tenant, with their attempts and results.
--
-- Ids sort by time, so the oldest jobs of a tenant come first in the primary key and no index on
-- finished_at is needed. Batches are small, take rows with SKIP LOCKED and touch no queue, so
-- claims never wait for them. A stored body weighs as much as the jobs that take as long to delete.

create type jobforge.deletion as (
  examined int,
  deleted int,
  next uuid
);
comment on type jobforge.deletion is
  'The weight of the jobs that one batch read, and how many it deleted. The next batch continues '
  'after next, which is null at the end.';

create function jobforge.weighed_jobs(
  p_tenant_id uuid, p_after uuid, p_until uuid, p_limit int)
returns table (id uuid, status text, finished_at timestamptz, weight int, weight_before bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select page.id, page.status, page.finished_at, page.weight,
    sum(page.weight) over (order by page.id) - page.weight
  from (
    select j.id, j.status::text, j.finished_at,
      1 + coalesce(octet_length(webhook_bodies.body) / 65536, 0) as weight
    from jobforge.jobs as j
    left join jobforge.webhook_bodies
      on webhook_bodies.tenant_id = j.tenant_id and webhook_bodies.job_id = j.id
    where j.tenant_id = p_tenant_id and j.id > p_after and j.id < p_until
    order by j.id
    limit p_limit
  ) as page
$$;
comment on function jobforge.weighed_jobs(uuid, uuid, uuid, int) is
  'Returns a tenant''s next jobs. A job weighs one, and each 64 KiB of its stored body one more.';

create function jobforge.delete_ended(
  p_tenant_id uuid, p_before jsonb, p_after uuid, p_limit int)
returns jobforge.deletion
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- A job that finished before a time was created before it, and so was its id.
  v_until constant uuid := jobforge.first_id_at((
    select max(finished_before.value::timestamptz)
    from jsonb_each_text(p_before) as finished_before) + interval '1 second');
  v_deletion jobforge.deletion;
begin
  with examined as materialized (
    select weighed.* from jobforge.weighed_jobs(p_tenant_id, p_after, v_until, p_limit) as weighed
    where weighed.weight_before < p_limit
  ),
  held as materialized (
    select j.id from jobforge.jobs as j
    where j.tenant_id = p_tenant_id
      and j.id in (
        select examined.id from examined
        where examined.finished_at < (p_before ->> examined.status)::timestamptz)
      and j.finished_at < (p_before ->> j.status::text)::timestamptz
    for update skip locked
  ),
  deleted_attempts as (
    delete from jobforge.unsuccessful_attempts as a using held
    where a.tenant_id = p_tenant_id and a.job_id = held.id
  ),
  deleted_results as (
    delete from public.jobforge_job_results using held
    where jobforge_job_results.tenant_id = p_tenant_id and jobforge_job_results.job_id = held.id
  ),
  deleted_bodies as (
    delete from jobforge.webhook_bodies using held
    where webhook_bodies.tenant_id = p_tenant_id and webhook_bodies.job_id = held.id
  ),
  deleted_progress as (
    delete from jobforge.job_progress using held
    where job_progress.tenant_id = p_tenant_id and job_progress.job_id = held.id
  ),
  deleted_entries as (
    delete from jobforge.unsuccessful_jobs using held
    where unsuccessful_jobs.tenant_id = p_tenant_id and unsuccessful_jobs.id = held.id
  ),
  deleted_requests as (
    delete from jobforge.cancel_requests using held
    where cancel_requests.tenant_id = p_tenant_id and cancel_requests.job_id = held.id
  ),
  deleted_jobs as (
    delete from jobforge.jobs as j using held
    where j.tenant_id = p_tenant_id and j.id = held.id
    returning j.id
  )
  select coalesce(sum(examined.weight), 0), (select count(*) from deleted_jobs),
    case when sum(examined.weight) >= p_limit
      then (array_agg(examined.id order by examined.id desc))[1] end
  into v_deletion
  from examined;
  return v_deletion;
end
$$;
comment on function jobforge.delete_ended(uuid, jsonb, uuid, int) is
  'Deletes one batch of a tenant''s jobs after an id: those that finished before the time given '
  'for their status.';

create function jobforge.cleanup(
  p_tenant_id uuid, p_retention_days int, p_statuses text[], p_after uuid, p_limit int)
returns jsonb
language plpgsql
security definer -- deletes finished jobs
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before timestamptz;
  v_deletion jobforge.deletion;
begin
  perform jobforge.require_service();
  if p_tenant_id is null or coalesce(p_retention_days, 0) not between 1 and 36500
    or coalesce(p_limit, 0) not between 1 and 10000
  then
    perform jobforge.fail('invalid_argument', 'p_tenant_id is needed, p_retention_days must be '
      'from 1 to 36500, and p_limit from 1 to 10000');
  elsif coalesce(cardinality(p_statuses), 0) = 0
    or not p_statuses <@ '{succeeded,failed,dead,canceled}'
  then
    perform jobforge.fail('invalid_argument',
      'p_statuses must be of succeeded, failed, dead and canceled');
  end if;
  v_before := jobforge.clock() - make_interval(days => p_retention_days);
  v_deletion := jobforge.delete_ended(p_tenant_id,
    (select jsonb_object_agg(status, v_before) from unnest(p_statuses) as status),
    coalesce(p_after, '00000000-0000-0000-0000-000000000000'), p_limit);
  return jsonb_build_object('deleted', v_deletion.deleted, 'next', v_deletion.next);
end
$$;
comment on function jobforge.cleanup(uuid, int, text[], uuid, int) is
  'Workers: deletes one batch of a tenant''s finished jobs. Returns where the next batch '
  'continues.';

create function public.jobforge_cleanup(
  p_tenant_id uuid, p_retention_days int, p_statuses text[], p_after uuid default null,
  p_limit int default 1000)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$ select jobforge.cleanup(p_tenant_id, p_retention_days, p_statuses, p_after, p_limit) $$;
comment on function public.jobforge_cleanup(uuid, int, text[], uuid, int) is
  'Workers: deletes one batch of a tenant''s finished jobs. Returns where the next batch '
  'continues.';
