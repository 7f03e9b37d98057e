-- Prune the history that pg_cron keeps about JobForge's jobs.
--
-- pg_cron deletes nothing itself, and other jobs may have millions of rows. The ids grow with time,
-- so a walk by id reads each row once, when it is a day old.

create function jobforge.prune_cron_history(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_old constant timestamptz := p_now - interval '1 day';
  v_after bigint := (
    select (task.position ->> 0)::bigint from jobforge.maintenance_tasks as task
    where task.name = 'prune_cron_history');
  v_last bigint;
  v_read int;
  v_runids bigint[];
begin
  if to_regclass('cron.job_run_details') is null then
    return 0;
  end if;
  -- pg_cron begins again at 1 when the extension is created anew.
  if v_after is null or v_after > (select max(job_run_details.runid) from cron.job_run_details) then
    v_after := -9223372036854775808;
  end if;
  with read as materialized (
    select job_run_details.runid, job_run_details.jobid,
      coalesce(job_run_details.start_time, job_run_details.end_time) as at
    from cron.job_run_details
    where job_run_details.runid > v_after
    order by job_run_details.runid
    limit p_limit
  ),
  reached as (
    select max(read.runid) as runid from read where read.at < v_old
  )
  -- A row without a time is one of a crash, and older than the row that was reached.
  select reached.runid, count(read.runid),
    array_agg(read.runid) filter (where coalesce(read.at < v_old, true) and read.jobid in (
      select job.jobid from cron.job where job.jobname like 'jobforge-%'))
  into v_last, v_read, v_runids
  from reached left join read on read.runid <= reached.runid
  group by reached.runid;
  if v_last is null then
    return 0;
  end if;
  delete from cron.job_run_details where job_run_details.runid = any (v_runids);
  update jobforge.maintenance_tasks as task set position = jsonb_build_array(v_last)
  where task.name = 'prune_cron_history';
  return v_read;
end
$$;
comment on function jobforge.prune_cron_history(timestamptz, int) is
  'Deletes what pg_cron recorded about JobForge''s jobs more than a day ago, also without an end. '
  'Returns how many rows it read.';
