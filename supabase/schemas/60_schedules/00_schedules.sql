-- Schedules: a job at each occurrence, for one tenant or for every active one.
--
-- The worker computes the next occurrences of a cron expression and stores them. Maintenance
-- starts the due ones. Occurrences of `N seconds` follow from the time of creation.

create table public.jobforge_schedules (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid,
  name text not null,
  expression text not null,
  time_zone text not null default 'UTC',
  type text not null,
  payload jsonb not null default '{}',
  queue text not null default 'default',
  priority int not null default 0,
  max_attempts int,
  timeout_ms int,
  overlap text not null default 'skip',
  catch_up text not null default 'once',
  paused boolean not null default false,
  created_by text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  next_at timestamptz,
  last_at timestamptz,
  started bigint not null default 0,
  skipped bigint not null default 0,
  missed bigint not null default 0,
  failed bigint not null default 0,
  last_error jsonb,
  problem text,
  -- the calendar and an unfinished fan-out: only maintenance and refills write these
  version int not null default 1,
  filled_through timestamptz not null,
  refill_at timestamptz,
  refill_requested_at timestamptz,
  fan_out_at timestamptz,
  fan_out_after uuid,
  slot int,
  constraint jobforge_schedules_one_per_name unique nulls not distinct (tenant_id, name),
  constraint jobforge_schedules_one_per_slot unique (tenant_id, slot),
  constraint schedule_name_is_plain check (name ~ jobforge.name_pattern()),
  constraint overlap_is_known check (overlap in ('skip', 'allow')),
  constraint catch_up_is_known check (catch_up in ('skip', 'once', 'all')),
  constraint fan_out_catches_up_once check (tenant_id is not null or catch_up <> 'all'),
  constraint only_fan_outs_are_unfinished check (fan_out_at is null or tenant_id is null)
);
comment on table public.jobforge_schedules is
  'A recurring job, of one tenant or, without a tenant, of every active tenant.';
comment on column public.jobforge_schedules.expression is
  'Five fields of cron in the time zone, or N seconds.';
comment on column public.jobforge_schedules.overlap is
  'Whether an occurrence starts before the last job has finished: skip it, or allow both.';
comment on column public.jobforge_schedules.catch_up is
  'Which occurrences of a downtime start after it: none (skip), the last one (once), or up to 100 '
  'of them (all).';
comment on column public.jobforge_schedules.problem is
  'Why the worker could not fill the calendar. It tries again every hour.';
comment on column public.jobforge_schedules.version is
  'The state of the calendar. Occurrences that were computed from another state are dropped.';
comment on column public.jobforge_schedules.slot is
  'A number of its own within the tenant, if a user created the schedule: from 1 to max_schedules.';
comment on column public.jobforge_schedules.refill_at is
  'When the worker is asked for more occurrences. Null for N seconds, which need none.';
comment on column public.jobforge_schedules.fan_out_at is
  'The occurrence that is being fanned out. fan_out_after is the last tenant it started for.';
create index jobforge_schedules_due_idx on public.jobforge_schedules (next_at) where not paused;
create index jobforge_schedules_refill_idx on public.jobforge_schedules (refill_at)
  where not paused;
create index jobforge_schedules_problem_idx on public.jobforge_schedules (id)
  where problem is not null;
create index jobforge_schedules_fan_out_idx on public.jobforge_schedules (fan_out_at)
  where fan_out_at is not null;

create table jobforge.occurrences (
  schedule_id uuid not null references public.jobforge_schedules (id) on delete cascade,
  due_at timestamptz not null,
  constraint occurrences_pkey primary key (schedule_id, due_at)
);
comment on table jobforge.occurrences is 'The next occurrences of cron expressions.';

create table jobforge.schedule_jobs (
  schedule_id uuid not null references public.jobforge_schedules (id) on delete cascade,
  tenant_id uuid not null,
  due_at timestamptz not null,
  job_id uuid,
  error jsonb,
  constraint schedule_jobs_pkey primary key (schedule_id, tenant_id)
);
comment on table jobforge.schedule_jobs is
  'The last occurrence of a schedule per tenant: its job, or the error. Only a later occurrence '
  'creates a job.';
create index schedule_jobs_tenant_idx on jobforge.schedule_jobs (tenant_id);

create table jobforge.postponed_starts (
  id bigint generated always as identity primary key,
  schedule_id uuid not null,
  tenant_id uuid not null,
  due_at timestamptz not null,
  constraint postponed_starts_one_per_tenant unique (schedule_id, tenant_id)
);
comment on table jobforge.postponed_starts is
  'Tenants that a fan-out left out, because an open transaction held what the start needed. The '
  'next turns try the last occurrence again.';
create index postponed_starts_tenant_idx on jobforge.postponed_starts (tenant_id);

create function jobforge.schedule_of_caller(p_schedule_id uuid)
returns public.jobforge_schedules
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_ids constant uuid[] := case when not jobforge.is_service()
    then jobforge.callers_tenants(null) end;
  v_schedule public.jobforge_schedules;
begin
  select * into v_schedule from public.jobforge_schedules
  where id = p_schedule_id and (v_tenant_ids is null or tenant_id = any (v_tenant_ids));
  if not found then
    perform jobforge.fail('not_found', 'no such schedule');
  end if;
  return v_schedule;
end
$$;
comment on function jobforge.schedule_of_caller(uuid) is
  'Returns the schedule if the caller may use it. Throws the same not_found for an unknown '
  'schedule and for another tenant''s.';
