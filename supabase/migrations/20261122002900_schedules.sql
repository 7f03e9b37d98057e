-- JobForge, chapter 29: schedules.
--
-- A schedule makes a job at each of its occurrences, for one tenant or for every active one. The
-- database keeps no calendar: the worker, with a cron parser, writes the next occurrences of a cron
-- expression ahead of time, and the tick only starts what is due. `N seconds` is plain arithmetic.

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
  -- the calendar and an unfinished fan-out: written by the tick and by refills only
  version int not null default 1,
  filled_through timestamptz not null,
  refill_at timestamptz,
  refill_asked_at timestamptz,
  fan_out_at timestamptz,
  fan_out_after uuid,
  constraint jobforge_schedules_one_per_name unique nulls not distinct (tenant_id, name),
  constraint schedule_name_is_plain check (name ~ '^[a-z][a-z0-9_.-]{0,62}$'),
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
  'What happens when the last job has not ended: skip the occurrence, or allow both.';
comment on column public.jobforge_schedules.catch_up is
  'What becomes of occurrences that were missed by more than a minute: skip, once for the last of '
  'them, or all, up to 100.';
comment on column public.jobforge_schedules.problem is
  'Why the expression has no next occurrence. Until it is changed, nothing is started.';
comment on column public.jobforge_schedules.refill_at is
  'When the worker is asked for more occurrences. Null for N seconds, which need none.';
comment on column public.jobforge_schedules.fan_out_at is
  'The occurrence that is being fanned out; fan_out_after is the last tenant that was served.';
create index jobforge_schedules_due_idx on public.jobforge_schedules (next_at) where not paused;
create index jobforge_schedules_refill_idx on public.jobforge_schedules (refill_at)
  where not paused and problem is null;
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
  'The last occurrence of a schedule per tenant: its job, or why there is none. An occurrence that '
  'is not later than this one makes no job.';
create index schedule_jobs_tenant_idx on jobforge.schedule_jobs (tenant_id);

alter table jobforge.settings
  add column max_schedules int not null default 20,
  add constraint max_schedules_not_negative check (max_schedules >= 0);
comment on column jobforge.settings.max_schedules is 'How many schedules a tenant may make itself.';

create function jobforge.interval_seconds(p_expression text)
returns int
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select substring(p_expression from '^([1-9][0-9]{0,4}) seconds?$')::int $$;
comment on function jobforge.interval_seconds(text) is 'The N of N seconds; null for cron.';

create function jobforge.problem_with_cron_field(p_field text, p_max int, p_names text)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  -- Whether it can be a list of values, ranges and steps. What it means is the parser's to say.
  select exists (
      select from regexp_split_to_table(p_field, ',') as part
      where part !~* format(
        '^(\*|([0-9]{1,2}|%1$s)(-([0-9]{1,2}|%1$s))?)(/[1-9][0-9]?)?$', p_names))
    or exists (
      select from regexp_matches(p_field, '[0-9]{1,2}', 'g') as n where n[1]::int > p_max)
$$;
comment on function jobforge.problem_with_cron_field(text, int, text) is
  'Whether a field of a cron expression has a wrong form or a value that is too large.';

create function jobforge.problem_with_expression(p_expression text)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_fields constant text[] := regexp_split_to_array(coalesce(p_expression, ''), ' +');
begin
  if p_expression ~ '^[0-9]+ seconds?$' then
    return case when coalesce(jobforge.interval_seconds(p_expression), 0) not between 1 and 86400
      then 'expression: seconds must be from 1 to 86400' end;
  end if;
  return case
    when cardinality(v_fields) <> 5 or length(p_expression) > 200
      then 'expression must have five fields (minute hour day month weekday) or be N seconds'
    when jobforge.problem_with_cron_field(v_fields[1], 59, '0') then 'expression: minute is odd'
    when jobforge.problem_with_cron_field(v_fields[2], 23, '0') then 'expression: hour is odd'
    when jobforge.problem_with_cron_field(v_fields[3], 31, '0') then 'expression: day is odd'
    when jobforge.problem_with_cron_field(v_fields[4], 12,
      'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec') then 'expression: month is odd'
    when jobforge.problem_with_cron_field(v_fields[5], 7, 'sun|mon|tue|wed|thu|fri|sat')
      then 'expression: weekday is odd'
  end;
end
$$;
comment on function jobforge.problem_with_expression(text) is
  'What is wrong with the form of a schedule''s expression, in words; null when nothing is.';

create function jobforge.problem_with_schedule(p_schedule public.jobforge_schedules)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    jobforge.problem_with_expression(p_schedule.expression),
    -- Names only: what Postgres takes beyond them, the parser would not.
    case when p_schedule.time_zone <> 'UTC' and not (p_schedule.time_zone ~ '^[A-Z][A-Za-z_]+/'
        and exists (select from pg_timezone_names as z where z.name = p_schedule.time_zone))
      then 'time_zone must be a name like Europe/Berlin, or UTC' end);
end
$$;
comment on function jobforge.problem_with_schedule(public.jobforge_schedules) is
  'What breaks a rule in a schedule''s times, in words; null when nothing does.';
