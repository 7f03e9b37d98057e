create schema cron;
comment on schema cron is 'Development stand-in for pg_cron 1.6. Jobs run only while the stack runs.';

create sequence cron.jobid_seq;
create sequence cron.runid_seq;

create table cron.job (
  jobid bigint primary key default nextval('cron.jobid_seq'),
  schedule text not null,
  command text not null,
  nodename text not null default 'localhost',
  nodeport integer not null default inet_server_port(),
  database text not null default current_database(),
  username text not null default current_user,
  active boolean not null default true,
  jobname text,
  constraint jobname_username_uniq unique (jobname, username)
);

create table cron.job_run_details (
  jobid bigint,
  runid bigint primary key default nextval('cron.runid_seq'),
  job_pid integer,
  database text,
  username text,
  command text,
  status text,
  return_message text,
  start_time timestamptz,
  end_time timestamptz
);

alter table cron.job enable row level security;
alter table cron.job_run_details enable row level security;
create policy cron_job_policy on cron.job using (username = current_user);
create policy cron_job_run_details_policy on cron.job_run_details using (username = current_user);

grant usage on schema cron to postgres with grant option;
grant select on cron.job to public;
grant select on cron.job to postgres with grant option;
grant select, delete on cron.job_run_details to public;
grant select on sequence cron.jobid_seq, cron.runid_seq to public;
grant all on cron.job_run_details to postgres with grant option;
revoke trigger on cron.job_run_details from postgres;

-- The real functions are in C and act on the table as its owner for the calling role. Here the
-- callable ones pass their caller on to definer functions that only `postgres` may execute.
create function jobforge_local.cron_check_schedule(p_schedule text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_field constant text := '(\*|\$|[0-9]+|[a-z]{3})([-/,0-9a-z*]*)';
begin
  if p_schedule ~* '^\s*([1-9]|[1-5][0-9])\s+seconds?\s*$'
    or p_schedule ~* ('^\s*' || v_field || '(\s+' || v_field || '){4}\s*$')
    or p_schedule ~* '^\s*@(yearly|annually|monthly|weekly|daily|midnight|hourly|reboot)\s*$'
  then
    return;
  end if;
  raise exception 'invalid schedule: %', p_schedule
    using
      errcode = '22023',
      hint = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
end
$$;

create function jobforge_local.cron_schedule(
  p_username text,
  p_name text,
  p_schedule text,
  p_command text
)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_id bigint;
begin
  perform jobforge_local.cron_check_schedule(p_schedule);
  insert into cron.job as existing (schedule, command, username, jobname)
  values (p_schedule, p_command, p_username, p_name)
  on conflict on constraint jobname_username_uniq do update
  set schedule = excluded.schedule, command = excluded.command, active = true
  returning jobid into v_id;
  return v_id;
end
$$;

create function cron.schedule(schedule text, command text)
returns bigint
language sql
strict
as $$ select jobforge_local.cron_schedule(current_user, null, schedule, command) $$;

create function cron.schedule(job_name text, schedule text, command text)
returns bigint
language plpgsql
as $$
begin
  if job_name is null or schedule is null or command is null then
    raise exception 'job_name, schedule and command can not be NULL' using errcode = '22004';
  end if;
  return jobforge_local.cron_schedule(current_user, job_name, schedule, command);
end
$$;

create function jobforge_local.cron_unschedule(p_username text, p_id bigint, p_name text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from cron.job
  where username = p_username and (jobid = p_id or jobname = p_name);
  if not found then
    raise exception 'could not find valid entry for job ''%''', coalesce(p_name, p_id::text);
  end if;
  return true;
end
$$;

create function cron.unschedule(job_id bigint)
returns boolean
language sql
strict
as $$ select jobforge_local.cron_unschedule(current_user, job_id, null) $$;

create function cron.unschedule(job_name text)
returns boolean
language sql
strict
as $$ select jobforge_local.cron_unschedule(current_user, null, job_name) $$;

create function jobforge_local.cron_alter_job(
  p_username text,
  p_id bigint,
  p_schedule text,
  p_command text,
  p_active boolean
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if p_schedule is not null then
    perform jobforge_local.cron_check_schedule(p_schedule);
  end if;
  update cron.job
  set
    schedule = coalesce(p_schedule, schedule),
    command = coalesce(p_command, command),
    active = coalesce(p_active, active)
  where jobid = p_id and username = p_username;
  if not found then
    raise exception 'Job % does not exist or you don''t own it', p_id;
  end if;
end
$$;

create function cron.alter_job(
  job_id bigint,
  schedule text default null,
  command text default null,
  database text default null,
  username text default null,
  active boolean default null
)
returns void
language plpgsql
as $$
begin
  if database <> current_database() or username <> current_user then
    raise exception 'the stand-in runs jobs only in this database and as their scheduling role'
      using errcode = '0A000';
  end if;
  perform jobforge_local.cron_alter_job(current_user, job_id, schedule, command, active);
end
$$;

revoke execute on all functions in schema jobforge_local from public;
revoke execute on function cron.alter_job(bigint, text, text, text, text, boolean) from public;
grant execute on all functions in schema jobforge_local to postgres;
grant execute on all functions in schema cron to postgres with grant option;
