-- Report an attempt of a delivery: its response, and what it means for the destination.
--
-- The breaker pauses a destination after ten failures in a row within an hour or more. A receiver
-- that answers 410 is paused at once. A success ends both, but no pause by hand.

create function jobforge.change_state(
  p_state jobforge.destination_states, p_name text, p_reason text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update jobforge.destination_states
  set failures = p_state.failures, failing_since = p_state.failing_since,
    paused_at = p_state.paused_at, paused_by = p_state.paused_by,
    paused_reason = p_state.paused_reason, probe_job_id = p_state.probe_job_id,
    check_at = p_state.check_at, horizon = p_state.horizon
  where destination_id = p_state.destination_id;
  if p_reason is not null then
    perform jobforge.audit(
      case when p_state.paused_at is null then 'resume_destination' else 'pause_destination' end,
      p_state.tenant_id, p_name, jsonb_build_object('reason', p_reason));
  end if;
end
$$;
comment on function jobforge.change_state(jobforge.destination_states, text, text) is
  'Stores the state of a destination. With a reason, it was paused or resumed, which is audited.';

create function jobforge.resumed(p_state jobforge.destination_states, p_now timestamptz)
returns jobforge.destination_states
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  -- Maintenance then sends what was held.
  select row(p_state.destination_id, p_state.tenant_id, 0, null, null, null, null, null,
    case when p_state.paused_at is not null then p_now else p_state.check_at end,
    case when p_state.paused_at is null then p_state.horizon end)::jobforge.destination_states
$$;
comment on function jobforge.resumed(jobforge.destination_states, timestamptz) is
  'Returns the state of a destination without failures and without a pause.';

create function jobforge.failed(p_state jobforge.destination_states, p_job_id uuid, p_status int,
  p_error text, p_now timestamptz)
returns jobforge.destination_states
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_state jobforge.destination_states := p_state;
begin
  v_state.failures := v_state.failures + 1;
  v_state.failing_since := coalesce(v_state.failing_since, p_now);
  if p_status = 410 and v_state.paused_by is distinct from 'hand' then
    v_state.paused_by := 'gone';
    v_state.paused_reason := 'the receiver answered 410 Gone';
  elsif v_state.paused_at is null and v_state.failures >= 10
    and p_now >= v_state.failing_since + interval '1 hour'
  then
    v_state.paused_by := 'failures';
    v_state.paused_reason := format('%s attempts failed in a row since %s, the last with %s',
      v_state.failures, to_char(v_state.failing_since at time zone 'UTC',
        'YYYY-MM-DD"T"HH24:MI"Z"'), p_error);
  end if;
  if v_state.paused_by is distinct from p_state.paused_by then
    v_state.paused_at := coalesce(v_state.paused_at, p_now);
    v_state.probe_job_id := case when v_state.paused_by = 'failures' then p_job_id end;
    v_state.check_at := case when v_state.paused_by = 'failures'
      then p_now + interval '5 minutes' end;
    v_state.horizon := null;
  end if;
  return v_state;
end
$$;
comment on function jobforge.failed(jobforge.destination_states, uuid, int, text, timestamptz) is
  'Returns the state of a destination after another failure: paused when it was one too many.';

create function jobforge.count_attempt(p_destination_id uuid, p_name text, p_job_id uuid,
  p_status int, p_error text, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_success constant boolean := coalesce(p_status between 200 and 299, false);
  v_before jobforge.destination_states;
  v_after jobforge.destination_states;
begin
  if v_success and not exists (
    select from jobforge.destination_states
    where destination_id = p_destination_id and failures > 0)
  then
    return;
  end if;
  -- A user may hold the row for as long as a transaction lasts. The next attempt counts again.
  select * into v_before from jobforge.destination_states
  where destination_id = p_destination_id
  for no key update skip locked;
  if not found or v_success and v_before.paused_by = 'hand' then
    return;
  end if;
  v_after := case when v_success then jobforge.resumed(v_before, p_now)
    else jobforge.failed(v_before, p_job_id, p_status, p_error, p_now) end;
  perform jobforge.change_state(v_after, p_name,
    case when v_after.paused_by is distinct from v_before.paused_by
      then coalesce(v_after.paused_reason, 'a delivery arrived') end);
end
$$;
comment on function jobforge.count_attempt(uuid, text, uuid, int, text, timestamptz) is
  'Counts an attempt for the breaker. A destination without failures is not written.';

create function jobforge.report_delivery(p_tenant_id uuid, p_destination_id uuid, p_job_id uuid,
  p_status int, p_error text)
returns void
language plpgsql
security definer -- workers: what a receiver answered decides for all deliveries to it
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_name text;
begin
  perform jobforge.require_service();
  if p_job_id is null or p_status not between 100 and 599
    or num_nonnulls(p_status, p_error) = 0 or p_error !~ '^[a-z0-9_.-]{1,64}$'
  then
    perform jobforge.fail('invalid_argument', 'p_job_id, a p_status from 100 to 599 or a p_error '
      'are needed: p_error is a code of small letters, digits or _ . -');
  end if;
  select name into v_name from public.jobforge_connector_configs
  where tenant_id = p_tenant_id and id = p_destination_id
    and connector = 'connector.webhook.deliver';
  if not found then
    perform jobforge.fail('not_found', 'no such webhook destination');
  end if;
  if jobforge.lock_delivery(p_tenant_id, p_destination_id, p_job_id) then
    update jobforge.webhook_deliveries
    set attempts = attempts + 1, response_status = p_status, error = p_error,
      last_attempt_at = v_now,
      delivered_at = coalesce(
        delivered_at, case when p_status between 200 and 299 then v_now end),
      held = held and coalesce(p_status not between 200 and 299, true)
    where tenant_id = p_tenant_id and destination_id = p_destination_id and job_id = p_job_id;
  end if;
  perform jobforge.count_attempt(p_destination_id, v_name, p_job_id, p_status,
    coalesce(p_error, 'http_' || p_status), v_now);
end
$$;
comment on function jobforge.report_delivery(uuid, uuid, uuid, int, text) is
  'Workers: records an attempt of a delivery, and pauses or resumes its destination.';

create function public.jobforge_report_delivery(p_tenant_id uuid, p_destination_id uuid,
  p_job_id uuid, p_status int default null, p_error text default null)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$
  select jobforge.report_delivery(p_tenant_id, p_destination_id, p_job_id, p_status, p_error)
$$;
comment on function public.jobforge_report_delivery(uuid, uuid, uuid, int, text) is
  'Workers: records the response or the error of an attempt of a delivery.';
