-- JobForge, chapter 37: retention.
--
-- Ended jobs go after their time, with their attempts and results. Ids sort by time, so the oldest
-- jobs of a tenant are the first of the primary key: no index on finished_at is needed. Batches are
-- small, take rows with SKIP LOCKED, and touch no queue: claims never wait for them.

alter table jobforge.settings
  add column retention_succeeded_days int default 30,
  add column retention_unsuccessful_days int default 90,
  add constraint retention_succeeded_in_range check (retention_succeeded_days between 1 and 36500),
  add constraint retention_unsuccessful_in_range
    check (retention_unsuccessful_days between 1 and 36500);
comment on column jobforge.settings.retention_unsuccessful_days is
  'For failed, dead and canceled jobs; null keeps them.';

create table jobforge.retention (
  id boolean primary key default true,
  at_tenant uuid,
  after_id uuid,
  resting_until timestamptz,
  constraint one_row check (id)
);
comment on table jobforge.retention is
  'How far the present pass over the ended jobs of all tenants has come: one row.';
insert into jobforge.retention default values;

create type jobforge.deletion as (
  examined int,
  deleted int,
  next uuid
);
comment on type jobforge.deletion is
  'What one batch looked at and deleted, and where the next goes on (null: at the end).';

create function jobforge.delete_ended(
  p_tenant_id uuid, p_before jsonb, p_after uuid, p_limit int)
returns jobforge.deletion
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- A job that ended before a time was made before it, and so was its id.
  v_until constant uuid := jobforge.first_id_at((
    select max(b.value::timestamptz) from jsonb_each_text(p_before) as b) + interval '1 second');
  v_deletion jobforge.deletion;
begin
  with examined as materialized (
    select j.id, j.status, j.finished_at from public.jobforge_jobs as j
    where j.tenant_id = p_tenant_id and j.id > p_after and j.id < v_until
    order by j.id
    limit p_limit
  ),
  held as materialized (
    select j.id from public.jobforge_jobs as j
    where j.tenant_id = p_tenant_id
      and j.id in (
        select e.id from examined as e where e.finished_at < (p_before ->> e.status)::timestamptz)
      and j.finished_at < (p_before ->> j.status)::timestamptz
    for update skip locked
  ),
  attempts as (
    delete from jobforge.unsuccessful_attempts as a using held as h
    where a.tenant_id = p_tenant_id and a.job_id = h.id
  ),
  results as (
    delete from public.jobforge_job_results as r using held as h
    where r.tenant_id = p_tenant_id and r.job_id = h.id
  ),
  deleted as (
    delete from public.jobforge_jobs as j using held as h
    where j.tenant_id = p_tenant_id and j.id = h.id
    returning j.id
  )
  select count(*), (select count(*) from deleted),
    case when count(*) = p_limit then (array_agg(e.id order by e.id desc))[1] end
  into v_deletion
  from examined as e;
  return v_deletion;
end
$$;
comment on function jobforge.delete_ended(uuid, jsonb, uuid, int) is
  'Deletes jobs of a tenant that ended before the time given for their status, a batch after an id.';

create function jobforge.cleanup(
  p_tenant_id uuid, p_retention_days int, p_statuses text[], p_after uuid, p_limit int)
returns jsonb
language plpgsql
security definer -- deletes ended jobs
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
    perform jobforge.fail('invalid_argument', 'p_tenant_id is needed, p_retention_days must be from '
      '1 to 36500, and p_limit from 1 to 10000');
  elsif coalesce(cardinality(p_statuses), 0) = 0
    or not p_statuses <@ '{succeeded,failed,dead,canceled}'
  then
    perform jobforge.fail('invalid_argument',
      'p_statuses must be of succeeded, failed, dead and canceled');
  end if;
  v_before := jobforge.clock() - make_interval(days => p_retention_days);
  v_deletion := jobforge.delete_ended(p_tenant_id,
    (select jsonb_object_agg(s, v_before) from unnest(p_statuses) as s),
    coalesce(p_after, '00000000-0000-0000-0000-000000000000'), p_limit);
  return jsonb_build_object('deleted', v_deletion.deleted, 'next', v_deletion.next);
end
$$;
comment on function jobforge.cleanup(uuid, int, text[], uuid, int) is
  'One batch of a cleanup: deletes ended jobs of a tenant; the answer says where to go on.';

create function jobforge.retain(p_now timestamptz, p_budget int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before constant jsonb := (
    select jsonb_strip_nulls(jsonb_build_object(
      'succeeded', p_now - make_interval(days => s.retention_succeeded_days),
      'failed', p_now - make_interval(days => s.retention_unsuccessful_days),
      'dead', p_now - make_interval(days => s.retention_unsuccessful_days),
      'canceled', p_now - make_interval(days => s.retention_unsuccessful_days)))
    from jobforge.settings as s);
  v_pass jobforge.retention;
  v_deletion jobforge.deletion;
  v_left int := p_budget;
  v_deleted int := 0;
begin
  select r.* into v_pass from jobforge.retention as r
  where coalesce(r.resting_until <= p_now, true)
  for no key update skip locked;
  if not found or v_before = '{}' then
    return 0;
  end if;
  v_pass.resting_until := null;
  while v_left > 0 loop
    if v_pass.after_id is null then
      select j.tenant_id into v_pass.at_tenant from public.jobforge_jobs as j
      where j.tenant_id > coalesce(v_pass.at_tenant, '00000000-0000-0000-0000-000000000000')
      order by j.tenant_id
      limit 1;
      if not found then
        v_pass.at_tenant := null;
        v_pass.resting_until := p_now + interval '1 hour';
        exit;
      end if;
      v_pass.after_id := '00000000-0000-0000-0000-000000000000';
    end if;
    v_deletion := jobforge.delete_ended(v_pass.at_tenant, v_before, v_pass.after_id, v_left);
    v_pass.after_id := v_deletion.next;
    v_deleted := v_deleted + v_deletion.deleted;
    v_left := v_left - greatest(v_deletion.examined, 20);
  end loop;
  update jobforge.retention as r
  set at_tenant = v_pass.at_tenant, after_id = v_pass.after_id,
    resting_until = v_pass.resting_until
  where r.id;
  return v_deleted;
end
$$;
comment on function jobforge.retain(timestamptz, int) is
  'Goes on with the pass over all tenants, one each hour, by at most p_budget jobs.';

create function jobforge.configure_retention(p_succeeded_days int, p_unsuccessful_days int)
returns jsonb
language plpgsql
security definer -- writes settings
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before jsonb;
  v_after jsonb;
begin
  perform jobforge.require_service();
  if p_succeeded_days not between 1 and 36500 or p_unsuccessful_days not between 1 and 36500 then
    perform jobforge.fail('invalid_argument',
      'p_succeeded_days and p_unsuccessful_days must be from 1 to 36500, or null to keep jobs');
  end if;
  select jsonb_build_object('succeeded_days', s.retention_succeeded_days,
    'unsuccessful_days', s.retention_unsuccessful_days) into v_before
  from jobforge.settings as s for no key update;
  update jobforge.settings as s
  set retention_succeeded_days = p_succeeded_days,
    retention_unsuccessful_days = p_unsuccessful_days
  where s.id
  returning jsonb_build_object('succeeded_days', s.retention_succeeded_days,
    'unsuccessful_days', s.retention_unsuccessful_days) into v_after;
  perform jobforge.audit_change('configure_retention', null, null, v_before, v_after);
  return v_after;
end
$$;
comment on function jobforge.configure_retention(int, int) is
  'How many days ended jobs of all tenants are kept; null: for ever.';
