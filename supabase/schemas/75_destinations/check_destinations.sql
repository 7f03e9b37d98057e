-- Check destinations: send what was held after a resumption, and keep a probe while paused.
--
-- A probe is a delivery that stays under way while all others are held. Its attempts are the usual
-- ones, at growing intervals. After five days without a success there is no further probe.

create function jobforge.send_held(
  p_state jobforge.destination_states, p_config public.jobforge_connector_configs, p_limit int)
returns table (held int, job_ids uuid[])
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_message_ids uuid[];
begin
  with taken as materialized (
    select waiting.ctid, waiting.message_id from jobforge.webhook_deliveries as waiting
    where waiting.tenant_id = p_state.tenant_id
      and waiting.destination_id = p_state.destination_id
      and waiting.held and not waiting.resent
    order by waiting.job_id
    limit p_limit
    for no key update skip locked
  ),
  written as (
    update jobforge.webhook_deliveries set resent = true
    from taken where webhook_deliveries.ctid = taken.ctid
  )
  select coalesce(array_agg(taken.message_id), '{}') into v_message_ids from taken;
  held := cardinality(v_message_ids);
  job_ids := jobforge.send_deliveries(
    p_state.tenant_id, jobforge.deliveries_again(p_config, v_message_ids));
  return next;
end
$$;
comment on function jobforge.send_held(
  jobforge.destination_states, public.jobforge_connector_configs, int) is
  'Sends up to p_limit held messages, oldest first. Returns how many were held, and the jobs.';

create function jobforge.send_what_fits(
  p_state jobforge.destination_states, p_config public.jobforge_connector_configs, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_detail text;
  v_hint text;
  v_free int;
begin
  return (select sent.held from jobforge.send_held(p_state, p_config, p_limit) as sent);
exception when others then
  get stacked diagnostics v_detail = pg_exception_detail, v_hint = pg_exception_hint;
  v_free := case when v_detail = 'queue_full' then (v_hint::jsonb ->> 'remaining')::int end;
  if coalesce(v_free, 0) = 0 then
    raise;
  end if;
  -- Fewer than p_limit, which the queue refused.
  return jobforge.send_what_fits(p_state, p_config, least(v_free, p_limit - 1));
end
$$;
comment on function jobforge.send_what_fits(
  jobforge.destination_states, public.jobforge_connector_configs, int) is
  'Sends up to p_limit held messages, oldest first, and fewer where the queue takes fewer. Returns '
  'how many. A queue that takes none raises queue_full.';

create function jobforge.hold_ended_probe(p_state jobforge.destination_states)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from jobforge.jobs as j
    where j.tenant_id = p_state.tenant_id and j.id = p_state.probe_job_id and j.status is null)
  then
    return false;
  end if;
  update jobforge.webhook_deliveries set held = true
  where tenant_id = p_state.tenant_id and destination_id = p_state.destination_id
    and job_id = p_state.probe_job_id and delivered_at is null;
  return true;
end
$$;
comment on function jobforge.hold_ended_probe(jobforge.destination_states) is
  'Returns whether no probe is under way. The message of one that ended is held like the others.';

create function jobforge.check_destination(p_state jobforge.destination_states, p_now timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_state jobforge.destination_states := p_state;
  v_config public.jobforge_connector_configs;
  v_held int := 0;
  v_job_ids uuid[];
begin
  select * into v_config from public.jobforge_connector_configs
  where tenant_id = p_state.tenant_id and id = p_state.destination_id;
  v_state.check_at := p_now;
  if p_state.paused_at is null then
    v_held := jobforge.send_what_fits(p_state, v_config, 500);
    if v_held < 500 and p_state.horizon is null then
      -- This snapshot sees the resumption. A transaction that holds a delivery without having seen
      -- it has a smaller number.
      v_state.horizon := pg_snapshot_xmax(pg_current_snapshot());
    elsif v_held = 0
      and not jobforge.is_open_before(p_state.horizon, pg_current_snapshot())
    then
      v_state.check_at := null;
      v_state.horizon := null;
    end if;
  elsif not jobforge.hold_ended_probe(p_state) then
    v_state.check_at := p_now + interval '5 minutes';
  elsif p_now >= p_state.failing_since + interval '5 days' then
    v_state.probe_job_id := null;
    v_state.check_at := null;
    v_state.paused_reason := p_state.paused_reason || '. Nothing arrived in five days';
  else
    select sent.held, sent.job_ids into v_held, v_job_ids
    from jobforge.send_held(p_state, v_config, 1) as sent;
    v_state.probe_job_id := v_job_ids[1];
    if v_held = 0 or v_state.probe_job_id is not null then
      v_state.check_at := p_now + interval '5 minutes';
    end if;
  end if;
  perform jobforge.change_state(v_state, v_config.name, null);
  return v_held;
end
$$;
comment on function jobforge.check_destination(jobforge.destination_states, timestamptz) is
  'Sends what was held for a resumed destination, or gives a paused one its next probe. Returns '
  'how many messages were held.';

create function jobforge.check_destinations(p_now timestamptz)
returns jobforge.task_result
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '100ms'
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '1 second';
  v_state jobforge.destination_states;
  v_result jobforge.task_result := row(0, false, null);
  v_detail text;
  v_waits boolean;
begin
  for v_state in
    select * from jobforge.destination_states where check_at <= p_now
    order by check_at
    limit 100
    for no key update skip locked
  loop
    exit when clock_timestamp() > v_until;
    begin
      v_result.row_count := v_result.row_count + jobforge.check_destination(v_state, p_now);
    exception when others then
      get stacked diagnostics v_detail = pg_exception_detail;
      -- A full queue, or a lock of this tenant, ends without an operator.
      v_waits := v_detail = 'queue_full' or sqlstate in ('55P03', '40P01');
      if not v_waits then
        v_result.error := coalesce(v_result.error, format('destination %s: %s',
          v_state.destination_id, jobforge.short_error(sqlstate, sqlerrm)));
      end if;
      -- Each turn tries the others again, so the task fails for as long as they do.
      update jobforge.destination_states
      set check_at = p_now + case when v_waits then interval '1 minute' else '0' end
      where destination_id = v_state.destination_id;
    end;
  end loop;
  v_result.more := v_result.row_count >= 500;
  return v_result;
end
$$;
comment on function jobforge.check_destinations(timestamptz) is
  'Checks destinations that are due, for a second. Returns how many messages were held, and the '
  'first error, which stops no other destination.';
