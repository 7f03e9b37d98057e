-- Run a task: what each name stands for. Budgets keep a turn of each within about two seconds.

create type jobforge.task_result as (row_count bigint, more boolean, error text);
comment on type jobforge.task_result is
  'How many rows a turn of a task handled, whether it stopped at its budget, and the first error '
  'of a part that stopped no other.';

create function jobforge.run_task(p_name text, p_now timestamptz)
returns jobforge.task_result
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_limit constant int := 5000;
  v_rows bigint := 0;
begin
  case p_name
    when 'fire_schedules' then
      perform jobforge.fire_schedules(p_now, 1000);
    when 'request_refills' then
      perform jobforge.request_refills(p_now);
    when 'look_at_missed' then
      perform jobforge.look_at_missed(p_now);
    when 'compact_counters' then
      perform jobforge.spread_slots();
      v_rows := jobforge.compact_counters(20000);
      return row(v_rows, v_rows >= 20000, null)::jobforge.task_result;
    when 'check_destinations' then
      return jobforge.check_destinations(p_now);
    when 'continue_erasures' then
      return jobforge.continue_erasures_by_task();
    when 'delete_expired_jobs' then
      return jobforge.delete_expired_jobs_by_task(p_now);
    when 'evaluate_alerts' then
      return row(0, false, jobforge.evaluate_alerts(p_now))::jobforge.task_result;
    when 'seal_audit' then
      v_rows := jobforge.seal_audit(v_limit);
    when 'roll_up' then
      v_rows := jobforge.roll_up(p_now);
      return row(v_rows, v_rows >= 20000, null)::jobforge.task_result;
    when 'record_answers' then
      v_rows := jobforge.record_answers(p_now, v_limit);
    when 'bound_metrics' then
      v_rows := jobforge.bound_metrics(p_now, 200);
      return row(v_rows, false, null)::jobforge.task_result;
    when 'prune_metrics' then
      v_rows := jobforge.prune_metrics(p_now, v_limit);
    when 'prune_keys' then
      v_rows := jobforge.prune_keys(p_now, v_limit);
    when 'expire_keys' then
      v_rows := jobforge.expire_keys(p_now, v_limit);
    when 'prune_received_webhooks' then
      v_rows := jobforge.prune_received_webhooks(p_now, v_limit);
    when 'prune_messages' then
      v_rows := jobforge.prune_messages(p_now, v_limit);
    when 'prune_runs' then
      v_rows := jobforge.prune_runs(p_now, v_limit);
    when 'prune_watches' then
      v_rows := jobforge.prune_watches(p_now, v_limit);
    when 'prune_cron_history' then
      v_rows := jobforge.prune_cron_history(p_now, v_limit);
    when 'prune_connectors' then
      v_rows := jobforge.prune_connectors(p_now, v_limit);
    when 'prune_alerts' then
      v_rows := jobforge.prune_alerts(p_now, v_limit);
    when 'prune_audit' then
      v_rows := jobforge.prune_audit(p_now, v_limit);
    else
      perform jobforge.fail('not_found', format('there is no task %s', p_name));
  end case;
  return row(v_rows, v_rows >= v_limit, null)::jobforge.task_result;
end
$$;
comment on function jobforge.run_task(text, timestamptz) is 'Runs one turn of a task.';

create function jobforge.delete_expired_jobs_by_task(p_now timestamptz)
returns jobforge.task_result
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '1 second';
  v_before jobforge.retention;
  v_after jobforge.retention;
  v_rows bigint := 0;
begin
  select retention.* into v_before from jobforge.retention;
  loop
    v_rows := v_rows + jobforge.delete_expired_jobs(p_now, 2000);
    select retention.* into v_after from jobforge.retention;
    -- The pass has ended, or another session holds it.
    if v_after is not distinct from v_before or v_after.resting_until > p_now then
      return row(v_rows, false, v_after.error)::jobforge.task_result;
    end if;
    exit when clock_timestamp() > v_until;
    v_before := v_after;
  end loop;
  return row(v_rows, true, v_after.error)::jobforge.task_result;
end
$$;
comment on function jobforge.delete_expired_jobs_by_task(timestamptz) is
  'Continues the pass of retention for a second.';

create function jobforge.continue_erasures_by_task()
returns jobforge.task_result
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before constant jsonb := (
    select jsonb_object_agg(erasures.id, erasures.counts) from jobforge.erasures
    where erasures.finished_at is null);
  v_error text;
begin
  if v_before is null then
    return row(0, false, null)::jobforge.task_result;
  end if;
  v_error := jobforge.continue_erasures(1000);
  -- An erasure that waits for running jobs deletes nothing now.
  return (
    select row(1000, coalesce(bool_or(erasures.counts <> v_before -> erasures.id::text), false),
      v_error)::jobforge.task_result
    from jobforge.erasures
    where erasures.finished_at is null);
end
$$;
comment on function jobforge.continue_erasures_by_task() is
  'Runs a batch of the unfinished erasures.';
