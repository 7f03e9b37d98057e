-- Configure a queue: weight, limits, rate and pause.

create function jobforge.configure_queue(p_tenant_id uuid, p_queue text, p_settings jsonb)
returns setof public.jobforge_queues
language plpgsql
security definer -- operators only: tenants could raise their own limits
set search_path = pg_catalog, pg_temp
as $$
declare
  v_unknown text;
  v_before public.jobforge_queues;
  v_after public.jobforge_queues;
begin
  perform jobforge.require_service();
  if p_tenant_id is null or p_queue is null or jsonb_typeof(p_settings) is distinct from 'object'
  then
    perform jobforge.fail('invalid_argument',
      'p_tenant_id and p_queue must be given, and p_settings must be an object');
  end if;
  perform jobforge.refuse_erased(p_tenant_id);
  select setting into v_unknown from jsonb_object_keys(p_settings) as setting
  where setting not in ('weight', 'max_running', 'max_queued', 'rate_limit', 'rate_period_ms',
    'rate_burst', 'paused')
  limit 1;
  if found then
    perform jobforge.fail('invalid_argument', format('p_settings: unknown setting %s: use weight, '
      'max_running, max_queued, rate_limit, rate_period_ms, rate_burst or paused', v_unknown));
  end if;
  begin
    insert into public.jobforge_queues (tenant_id, queue) values (p_tenant_id, p_queue)
    on conflict do nothing;
    select q.* into strict v_before from public.jobforge_queues as q
    where q.tenant_id = p_tenant_id and q.queue = p_queue for no key update;
    v_after := jsonb_populate_record(v_before, p_settings);
    update public.jobforge_queues as q
    set weight = v_after.weight, max_running = v_after.max_running,
      max_queued = v_after.max_queued, rate_limit = v_after.rate_limit,
      rate_period_ms = v_after.rate_period_ms, rate_burst = v_after.rate_burst,
      paused = v_after.paused, wake_at = null, runnable = q.runnable and not v_after.paused,
      tat = case when (q.rate_limit, q.rate_period_ms, q.rate_burst) is not distinct from
        (v_after.rate_limit, v_after.rate_period_ms, v_after.rate_burst) then q.tat end
    where q.id = v_before.id
    returning q.* into v_after;
  exception when check_violation or not_null_violation or data_exception then
    perform jobforge.fail('invalid_argument',
      'p_settings: a setting is out of range: see the checks of jobforge_queues');
  end;
  -- The queue is runnable until a claim finds that it may not start a job. The wake-up also calls
  -- a worker if none is running.
  insert into jobforge.wakeups (queue_id) select v_after.id where not v_after.paused;
  perform jobforge.audit_change(
    'configure_queue', p_tenant_id, p_queue, to_jsonb(v_before), to_jsonb(v_before) || p_settings);
  return next v_after;
end
$$;
comment on function jobforge.configure_queue(uuid, text, jsonb) is
  'Operators: creates a queue or changes its settings. What p_settings leaves out stays.';

create function public.jobforge_configure_queue(
  p_tenant_id uuid, p_queue text default 'default', p_settings jsonb default '{}')
returns setof public.jobforge_queues
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.configure_queue(p_tenant_id, p_queue, p_settings) $$;
comment on function public.jobforge_configure_queue(uuid, text, jsonb) is
  'Operators: creates a queue or changes weight, limits, rate or paused.';
