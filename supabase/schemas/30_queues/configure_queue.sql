-- Configure a queue: weight, limits, rate and pause.

create function jobforge.check_queue_settings(p_settings public.jobforge_queues)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Starts are a hundred microseconds apart at least, and a burst fits into a year, so that the
  -- clock of the rate stays exact.
  if p_settings.rate_limit > 10::bigint * p_settings.rate_period_ms then
    perform jobforge.fail('invalid_argument',
      'p_settings: rate_limit must be at most 10000 starts a second');
  elsif p_settings.rate_burst::float8 * p_settings.rate_period_ms / p_settings.rate_limit
    > 366 * 86400000.0
  then
    perform jobforge.fail('invalid_argument',
      'p_settings: at its rate, a burst of rate_burst starts must fit into 366 days');
  end if;
end
$$;
comment on function jobforge.check_queue_settings(public.jobforge_queues) is
  'Raises invalid_argument for a rate that the scheduler cannot keep exactly.';

create function jobforge.reset_slots(p_queue_id int, p_max_queued int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_epoch constant bigint := (
    select coalesce(max(queue_slots.epoch), 0) + 1 from jobforge.queue_slots
    where queue_slots.queue_id = p_queue_id);
  v_free constant bigint := p_max_queued - jobforge.queued(p_queue_id);
begin
  -- Rows of a former limit count no longer. The dispatcher deletes them.
  insert into jobforge.queue_slots (queue_id, epoch, free)
  select p_queue_id, v_epoch, case when v_free <= 0 then case when n = 1 then v_free else 0 end
    else v_free / 8 + (n <= mod(v_free, 8))::int end
  from generate_series(1, 8) as n;
end
$$;
comment on function jobforge.reset_slots(int, int) is
  'Lays out the free places of a queue anew, for a new max_queued.';

create function jobforge.configure_queue(p_tenant_id uuid, p_queue text, p_settings jsonb)
returns setof public.jobforge_queues
language plpgsql
security definer -- operators only: tenants could raise their own limits
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_unknown text;
  v_queue_id int;
  v_before public.jobforge_queues;
  v_after public.jobforge_queues;
begin
  perform jobforge.require_service();
  if p_tenant_id is null or p_queue is null or jsonb_typeof(p_settings) is distinct from 'object'
  then
    perform jobforge.fail('invalid_argument',
      'p_tenant_id and p_queue must be given, and p_settings must be an object');
  elsif not jobforge.jsonb_fits(p_settings, 4096) then
    perform jobforge.fail('invalid_argument', 'p_settings must have at most 4096 bytes');
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
    if not exists (select from jobforge.queues as q
        where q.tenant_id = p_tenant_id and q.queue = p_queue)
      and not jobforge.make_queue(p_tenant_id, p_queue)
    then
      perform jobforge.fail('busy', 'another transaction is making this queue: try again');
    end if;
    select jobforge_queues.* into strict v_before from public.jobforge_queues
    where jobforge_queues.tenant_id = p_tenant_id and jobforge_queues.queue = p_queue
    for no key update;
    v_after := jsonb_populate_record(v_before, p_settings);
    update public.jobforge_queues
    set weight = v_after.weight, max_running = v_after.max_running,
      max_queued = v_after.max_queued, rate_limit = v_after.rate_limit,
      rate_period_ms = v_after.rate_period_ms, rate_burst = v_after.rate_burst,
      paused = v_after.paused
    where jobforge_queues.tenant_id = p_tenant_id and jobforge_queues.queue = p_queue
    returning jobforge_queues.* into v_after;
    perform jobforge.check_queue_settings(v_after);
  exception
    when check_violation or not_null_violation or numeric_value_out_of_range
      or invalid_text_representation or datatype_mismatch then
      perform jobforge.fail('invalid_argument',
        'p_settings: a setting is out of range: see the checks of jobforge_queues');
    when lock_not_available then
      perform jobforge.fail('busy', 'another transaction is changing this queue: try again');
  end;
  select q.id into strict v_queue_id from jobforge.queues as q
  where q.tenant_id = p_tenant_id and q.queue = p_queue;
  if v_after.max_queued is distinct from v_before.max_queued and v_after.max_queued is not null then
    perform jobforge.reset_slots(v_queue_id, v_after.max_queued);
  end if;
  delete from jobforge.queue_faults where queue_faults.queue_id = v_queue_id;
  -- Claims read settings as they are committed. The wake-up lets one look at the queue.
  insert into jobforge.wakeups (queue_id, ready) values (v_queue_id, not v_after.paused);
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
set statement_timeout = '2s'
as $$ select * from jobforge.configure_queue(p_tenant_id, p_queue, p_settings) $$;
comment on function public.jobforge_configure_queue(uuid, text, jsonb) is
  'Operators: creates a queue or changes weight, limits, rate or paused.';
