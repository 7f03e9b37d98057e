-- Hints: a change of a watched job is broadcast by Supabase Realtime, where the project has it.
--
-- A hint has ids, statuses and attempt numbers, and no content: who receives it reads the job under
-- row level security. It is a row that commits with the change. It is a help only: it fails no
-- statement, waits for no lock, and a lost one is healed by the next read.

create table jobforge.watches (
  id bigint generated always as identity primary key,
  tenant_id uuid not null,
  job_id uuid,
  expires_at timestamptz not null
);
comment on table jobforge.watches is
  'Jobs whose changes are broadcast, until expires_at. Callers only append, and changes only read, '
  'so neither waits for the other.';
comment on column jobforge.watches.job_id is 'Null means every job of the tenant.';
create index watches_job_idx on jobforge.watches (tenant_id, job_id);
create index watches_expiry_idx on jobforge.watches (expires_at);

create function jobforge.topic(p_tenant_id uuid, p_job_id uuid)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select concat_ws(':', 'jobforge', p_tenant_id, p_job_id) $$;
comment on function jobforge.topic(uuid, uuid) is
  'The Realtime topic of a job, or of a tenant when there is no job.';

create function jobforge.send_hints(p_jobs jobforge.job_key[], p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms' -- Realtime locks its table for a moment when it drops a partition
as $$
begin
  perform realtime.send(hints.payload, 'jobs', hints.topic, true)
  from (
    select jobforge.topic(watched.tenant_id, watched.job_id) as topic,
      jsonb_build_object('jobs', coalesce(jsonb_agg(jsonb_build_object(
        'id', j.id, 'status', j.status, 'attempt', j.attempts) order by j.id)
        filter (where j.id is not null), '[]')) as payload
    from (
      select changed.tenant_id, watches.job_id, changed.id, row_number() over (
        partition by changed.tenant_id, watches.job_id order by changed.id) as rank
      from (select distinct listed.tenant_id, listed.id from unnest(p_jobs) as listed) as changed
      join (select distinct valid.tenant_id, valid.job_id from jobforge.watches as valid
        where valid.expires_at > p_now) as watches
        on watches.tenant_id = changed.tenant_id
        and coalesce(watches.job_id = changed.id, watches.job_id is null)
    ) as watched
    left join public.jobforge_jobs as j on j.tenant_id = watched.tenant_id and j.id = watched.id
    where watched.rank <= 50
    group by watched.tenant_id, watched.job_id
    -- A hint to a tenant stands for many jobs. Readers find later what is beyond the limit.
    order by watched.job_id is not null, random()
    limit 50
  ) as hints
  -- One for each topic in a transaction: who reads after its commit reads all of its changes.
  where not exists (
    select from realtime.messages as sent
    where sent.inserted_at = localtimestamp and sent.topic = hints.topic
      and sent.extension = 'broadcast' and sent.private is true);
exception when others then
  raise warning 'jobforge: hint: %', jobforge.short_error(sqlstate, sqlerrm);
end
$$;
comment on function jobforge.send_hints(jobforge.job_key[], timestamptz) is
  'Broadcasts a hint to each topic that is watched and has one of these jobs: 50 topics at most, '
  'with 50 jobs each. A null id stands for new jobs of the tenant. An error is a warning.';

create function jobforge.hint_jobs(p_jobs jobforge.job_key[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
begin
  if exists (select from jobforge.watches where watches.expires_at > v_now) then
    perform jobforge.send_hints(p_jobs, v_now);
  end if;
end
$$;
comment on function jobforge.hint_jobs(jobforge.job_key[]) is
  'Broadcasts hints for jobs that have changed, while any job is watched.';

create function jobforge.watched_jobs(p_run_id bigint, p_now timestamptz)
returns jobforge.job_key[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from jobforge.watches where watches.expires_at > p_now) then
    return null;
  end if;
  return array(
    select row(leases.tenant_id, member.id)::jobforge.job_key
    from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
    where leases.run_id = p_run_id and exists (
      select from jobforge.watches
      where watches.tenant_id = leases.tenant_id and watches.expires_at > p_now
        and coalesce(watches.job_id = member.id, watches.job_id is null)));
end
$$;
comment on function jobforge.watched_jobs(bigint, timestamptz) is
  'Returns the watched jobs that a run holds. Null while no job is watched.';

create function jobforge.hint_run(
  p_run_id bigint, p_before jobforge.job_key[], p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_after constant jobforge.job_key[] := jobforge.watched_jobs(p_run_id, p_now);
  v_changed constant jobforge.job_key[] := array(
    (select listed from unnest(p_before) as listed except select held from unnest(v_after) as held)
    union all
    (select held from unnest(v_after) as held
      except select listed from unnest(p_before) as listed));
begin
  if v_changed <> '{}' then
    perform jobforge.send_hints(v_changed, p_now);
  end if;
end
$$;
comment on function jobforge.hint_run(bigint, jobforge.job_key[], timestamptz) is
  'Broadcasts hints for the watched jobs that a run held before and holds no more, and for those '
  'that it holds now.';
