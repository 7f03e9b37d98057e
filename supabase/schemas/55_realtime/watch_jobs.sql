-- Watch jobs: let changes of a job, or of all jobs of a tenant, be broadcast for two minutes.
--
-- Topics are private. Realtime checks the policies below when a client joins one, with the role and
-- the claims of its token. The policies that restrict hold also beside a policy of the application
-- that lets its users join every topic.

create function jobforge.may_receive(p_topic text)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return starts_with(p_topic, 'jobforge:')
    and split_part(p_topic, ':', 2) = any (jobforge.tenant_ids()::text[]);
end
$$;
comment on function jobforge.may_receive(text) is
  'Policies: whether the caller may receive the hints of a Realtime topic: those of its tenants.';

create function jobforge.has_realtime()
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select count(*) = 3 from pg_policy
  where pg_policy.polrelid = to_regclass('realtime.messages')
    and pg_policy.polname in ('jobforge_hints_select_authenticated',
      'jobforge_hints_restrict_all', 'jobforge_hints_restrict_authenticated')
$$;
comment on function jobforge.has_realtime() is
  'Whether the project has Realtime and the policies that keep the topics of tenants apart.';

create function jobforge.add_realtime_policies()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  if to_regclass('realtime.messages') is null or jobforge.has_realtime()
    or to_regprocedure('realtime.send(jsonb,text,text,boolean)') is null
  then
    return;
  end if;
  drop policy if exists jobforge_hints_select_authenticated on realtime.messages;
  drop policy if exists jobforge_hints_restrict_all on realtime.messages;
  drop policy if exists jobforge_hints_restrict_authenticated on realtime.messages;
  create policy jobforge_hints_select_authenticated on realtime.messages
    for select to authenticated
    using (extension = 'broadcast' and jobforge.may_receive(topic));
  -- No client sends hints, and no other role than authenticated receives any.
  create policy jobforge_hints_restrict_all on realtime.messages as restrictive
    using (not starts_with(topic, 'jobforge:') or current_user = 'authenticated')
    with check (not starts_with(topic, 'jobforge:'));
  create policy jobforge_hints_restrict_authenticated on realtime.messages as restrictive
    for select to authenticated
    using (not starts_with(topic, 'jobforge:')
      or extension = 'broadcast' and jobforge.may_receive(topic));
exception when insufficient_privilege or lock_not_available then
  -- Clients poll until jobforge_setup has added them.
  raise warning 'jobforge: realtime.messages: %', jobforge.short_error(sqlstate, sqlerrm);
end
$$;
comment on function jobforge.add_realtime_policies() is
  'Adds the policies of the topics, if the project has Realtime and they are missing. Without them '
  'clients poll.';

select jobforge.add_realtime_policies();

create function jobforge.watch_jobs(p_job_id uuid, p_tenant_id uuid)
returns json
language plpgsql
security definer -- writes watches, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_tenant_id constant uuid := case
    when p_job_id is null then jobforge.callers_tenant(p_tenant_id)
    else (jobforge.find_job(p_job_id, p_tenant_id)).tenant_id end;
  v_expires_at timestamptz := (
    select max(watches.expires_at) from jobforge.watches
    where watches.tenant_id = v_tenant_id and watches.job_id is not distinct from p_job_id);
  v_topic constant text := jobforge.topic(v_tenant_id, p_job_id);
begin
  if not jobforge.has_realtime() then
    return json_build_object('topic', null, 'expires_at', null, 'reason', 'realtime_missing');
  end if;
  perform jobforge.refuse_erased(v_tenant_id);
  delete from jobforge.watches where watches.id = any (array(
    select expired.id from jobforge.watches as expired
    where expired.tenant_id = v_tenant_id and expired.expires_at <= v_now
    limit 100
    for update skip locked));
  if coalesce(v_expires_at < v_now + interval '1 minute', true) then
    if exists (
      select from jobforge.watches
      where watches.tenant_id = v_tenant_id and watches.expires_at > v_now offset 99)
    then
      return json_build_object('topic', null, 'expires_at', null, 'reason', 'too_many_watches');
    end if;
    v_expires_at := v_now + interval '2 minutes';
    insert into jobforge.watches (tenant_id, job_id, expires_at)
    values (v_tenant_id, p_job_id, v_expires_at);
  end if;
  return json_build_object('topic', v_topic, 'expires_at', v_expires_at, 'reason', null);
end
$$;
comment on function jobforge.watch_jobs(uuid, uuid) is
  'Users: lets changes of a job, or of all jobs of the tenant without one, be broadcast.';

create function jobforge.prune_watches(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  delete from jobforge.watches where watches.id = any (array(
    select expired.id from jobforge.watches as expired
    where expired.expires_at <= p_now
    order by expired.expires_at
    limit p_limit
    for update skip locked));
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function jobforge.prune_watches(timestamptz, int) is 'Deletes watches that expired.';

create function public.jobforge_watch_jobs(
  p_job_id uuid default null, p_tenant_id uuid default null)
returns json
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$
begin
  return jobforge.watch_jobs(p_job_id, p_tenant_id);
end
$$;
comment on function public.jobforge_watch_jobs(uuid, uuid) is
  'Users: lets changes of a job, or of all jobs of the tenant without one, be broadcast for two '
  'minutes. Returns the Realtime topic to join, or null with the reason to poll.';
