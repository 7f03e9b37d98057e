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

create function jobforge.end_keys(p_tenant_id uuid, p_job_ids uuid[])
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_held_by_others uuid[];
begin
  with keyed as materialized (
    select j.id, j.finished_at, k.type, k.key
    from jobforge.jobs as j join jobforge.idempotency_keys as k
      on k.tenant_id = j.tenant_id and k.type = j.type and k.key = j.idempotency_key
    where j.tenant_id = p_tenant_id and j.id = any (p_job_ids)
      and k.job_id = j.id and k.expires_at is null
  ),
  locked as materialized (
    select keyed.id, keyed.finished_at, k_locked.ctid as place
    from keyed join jobforge.idempotency_keys as k_locked on k_locked.tenant_id = p_tenant_id
      and k_locked.type = keyed.type and k_locked.key = keyed.key
    for update of k_locked skip locked
  ),
  ended as (
    update jobforge.idempotency_keys as k set expires_at = locked.finished_at + interval '30 days'
    from locked where k.ctid = locked.place
  )
  select array_agg(keyed.id) into v_held_by_others
  from keyed where keyed.id not in (select locked.id from locked);
  return v_held_by_others;
end
$$;
comment on function jobforge.end_keys(uuid, uuid[]) is
  'Lets the idempotency keys of jobs that are about to be deleted end 30 days after the end of the '
  'job. Returns the jobs whose key another transaction holds.';

create function jobforge.delete_jobs(p_tenant_id uuid, p_ids uuid[])
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_deleted int;
begin
  delete from jobforge.unsuccessful_attempts as a
  where a.tenant_id = p_tenant_id and a.job_id = any (p_ids);
  delete from public.jobforge_job_results
  where jobforge_job_results.tenant_id = p_tenant_id and jobforge_job_results.job_id = any (p_ids);
  delete from jobforge.webhook_bodies
  where webhook_bodies.tenant_id = p_tenant_id and webhook_bodies.job_id = any (p_ids);
  delete from jobforge.job_progress
  where job_progress.tenant_id = p_tenant_id and job_progress.job_id = any (p_ids);
  delete from jobforge.unsuccessful_jobs
  where unsuccessful_jobs.tenant_id = p_tenant_id and unsuccessful_jobs.id = any (p_ids);
  delete from jobforge.cancel_requests
  where cancel_requests.tenant_id = p_tenant_id and cancel_requests.job_id = any (p_ids);
  delete from jobforge.jobs as j where j.tenant_id = p_tenant_id and j.id = any (p_ids);
  get diagnostics v_deleted = row_count;
  return v_deleted;
end
$$;
comment on function jobforge.delete_jobs(uuid, uuid[]) is
  'Deletes jobs that have ended with all that belongs to them. The caller has locked their bodies.';

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
  v_ids uuid[];
  v_kept uuid[];
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
  )
  select coalesce(sum(examined.weight), 0),
    case when sum(examined.weight) >= p_limit
      then (array_agg(examined.id order by examined.id desc))[1] end,
    (select array_agg(held.id) from held)
  into v_deletion.examined, v_deletion.next, v_ids
  from examined;
  -- A job whose key another transaction holds stays until the next pass, and so does the key.
  v_kept := jobforge.end_keys(p_tenant_id, v_ids);
  v_deletion.deleted := jobforge.delete_jobs(p_tenant_id, case when v_kept is null then v_ids
    else array(select held.id from unnest(v_ids) as held (id) where held.id <> all (v_kept)) end);
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
