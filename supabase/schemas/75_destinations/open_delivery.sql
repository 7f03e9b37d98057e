-- Open a delivery: its destination with the secrets, and its message, for the worker.

create function jobforge.lock_delivery(p_tenant_id uuid, p_destination_id uuid, p_job_id uuid)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- An erasure, which no worker waits for, may hold the row.
  perform from jobforge.webhook_deliveries
  where tenant_id = p_tenant_id and destination_id = p_destination_id and job_id = p_job_id
  for no key update skip locked;
  return found;
end
$$;
comment on function jobforge.lock_delivery(uuid, uuid, uuid) is
  'Locks the row of a job that delivers a message. False when there is none, or it is held.';

create function jobforge.hold_if_paused(
  p_tenant_id uuid, p_destination_id uuid, p_job_id uuid, p_message_id uuid)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_state jobforge.destination_states;
begin
  select * into v_state from jobforge.destination_states where destination_id = p_destination_id;
  if v_state.paused_at is null or v_state.probe_job_id = p_job_id or exists (
    select from jobforge.webhook_messages
    where tenant_id = p_tenant_id and id = p_message_id and test)
  then
    return null;
  end if;
  -- The transaction has its number before it looks again. So what is held after a resumption is
  -- waited for. See check_destinations.sql.
  if pg_current_xact_id() is not null then
    select * into v_state from jobforge.destination_states where destination_id = p_destination_id;
  end if;
  if v_state.paused_at is null then
    return null;
  end if;
  if jobforge.lock_delivery(p_tenant_id, p_destination_id, p_job_id) then
    update jobforge.webhook_deliveries set held = true
    where tenant_id = p_tenant_id and destination_id = p_destination_id and job_id = p_job_id
      and delivered_at is null;
  end if;
  return v_state.paused_by;
end
$$;
comment on function jobforge.hold_if_paused(uuid, uuid, uuid, uuid) is
  'Returns by what the destination is paused, after it held the delivery, or null when the job may '
  'call it: a test event and the probe of the breaker always may.';

create function jobforge.ended_delivery(p_tenant_id uuid, p_destination_id uuid, p_job_id uuid)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- The run of this job was lost after it held the message. What is sent here is not sent again.
  if exists (
    select from jobforge.webhook_deliveries
    where tenant_id = p_tenant_id and destination_id = p_destination_id and job_id = p_job_id
      and held and not resent)
    and jobforge.lock_delivery(p_tenant_id, p_destination_id, p_job_id)
  then
    update jobforge.webhook_deliveries set held = false
    where tenant_id = p_tenant_id and destination_id = p_destination_id and job_id = p_job_id
      and not resent;
  end if;
  return (
    select jsonb_build_object('status', case when delivered_at is not null then response_status end)
    from jobforge.webhook_deliveries
    where tenant_id = p_tenant_id and destination_id = p_destination_id and job_id = p_job_id
      and (delivered_at is not null or resent));
end
$$;
comment on function jobforge.ended_delivery(uuid, uuid, uuid) is
  'Returns the last status of a delivery that arrived, or no status when another job sends its '
  'message. Null when the job has to send it, and then it is held no more.';

create function jobforge.open_delivery(
  p_tenant_id uuid, p_destination text, p_job_id uuid, p_message_id uuid)
returns jsonb
language plpgsql volatile
security definer -- workers: reads configurations, messages and Vault
set search_path = pg_catalog, pg_temp
as $$
declare
  v_opened jsonb;
  v_id uuid;
  v_paused text;
  v_ended jsonb;
begin
  perform jobforge.require_service();
  if p_job_id is null then
    perform jobforge.fail('invalid_argument', 'p_job_id is missing');
  end if;
  v_opened := jobforge.open_connector(
    p_tenant_id, 'connector.webhook.deliver', p_destination, null)::jsonb;
  v_id := v_opened ->> 'id';
  if (v_opened -> 'enabled')::boolean then
    v_paused := jobforge.hold_if_paused(p_tenant_id, v_id, p_job_id, p_message_id);
    if v_paused is null then
      v_ended := jobforge.ended_delivery(p_tenant_id, v_id, p_job_id);
    end if;
  end if;
  return v_opened || jsonb_build_object('paused', v_paused, 'ended', v_ended, 'message', (
      -- Only of a delivery to this destination, not to one of the same name before it.
      select jsonb_build_object('type', message.event_type, 'created_at', message.created_at,
        'data', message.data)
      from jobforge.webhook_messages as message
      where message.tenant_id = p_tenant_id and message.id = p_message_id and exists (
        select from jobforge.webhook_deliveries
        where tenant_id = p_tenant_id and destination_id = v_id and job_id = p_job_id
          and message_id = p_message_id)))
    || case when coalesce(v_paused, v_ended::text) is not null then '{"secrets": []}'
      else '{}' end::jsonb;
end
$$;
comment on function jobforge.open_delivery(uuid, text, uuid, uuid) is
  'Workers: returns a destination with its secrets and the message of a delivery. Holds the '
  'delivery while the destination is paused. A job whose message arrived, or that another job '
  'sends, has ended and gets no secrets.';

create function public.jobforge_open_delivery(
  p_tenant_id uuid, p_destination text, p_job_id uuid, p_message_id uuid default null)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.open_delivery(p_tenant_id, p_destination, p_job_id, p_message_id) $$;
comment on function public.jobforge_open_delivery(uuid, text, uuid, uuid) is
  'Workers: returns a webhook destination with its secrets and the message of a delivery.';
