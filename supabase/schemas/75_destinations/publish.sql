-- Publish a message: store it and enqueue its deliveries, in the caller's transaction.

create function jobforge.add_message(
  p_tenant_id uuid, p_event_type text, p_data jsonb, p_event_id text, p_test boolean)
returns jobforge.webhook_messages
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_message jobforge.webhook_messages;
begin
  if p_event_type is null or length(p_event_type) > 128
    or p_event_type !~ jobforge.event_type_pattern()
  then
    perform jobforge.fail('invalid_argument', 'p_event_type must be up to 128 letters, digits, '
      '_ or -, with single dots between, such as order.paid');
  elsif p_data is null then
    perform jobforge.fail('invalid_argument', 'p_data must be JSON');
  elsif not jobforge.jsonb_fits(p_data, 262144) then
    perform jobforge.fail('payload_too_large',
      'p_data must be at most 262144 bytes of text, nested less than 32 deep');
  elsif length(p_event_id) not between 1 and 200 then
    perform jobforge.fail('invalid_argument', 'p_event_id must have 1 to 200 characters');
  end if;
  perform jobforge.refuse_erased(p_tenant_id);
  insert into jobforge.webhook_messages
    (tenant_id, id, event_type, data, event_id, test, created_at)
  values (p_tenant_id, (jobforge.id_prefix(v_now) || to_hex(32768 + (random() * 16383)::int)
    || right(gen_random_uuid()::text, 12))::uuid, p_event_type, p_data, p_event_id, p_test, v_now)
  on conflict (tenant_id, event_id) do nothing
  returning * into v_message;
  return v_message;
end
$$;
comment on function jobforge.add_message(uuid, text, jsonb, text, boolean) is
  'Stores a message and returns it, or null when its event ID was published before.';

create function jobforge.publish(
  p_tenant_id uuid, p_event_type text, p_data jsonb, p_event_id text)
returns table (message_id uuid, duplicate boolean, deliveries int)
language plpgsql
security definer -- writes messages and jobs: bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s' -- the same event ID in a transaction that is still open
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_message jobforge.webhook_messages;
begin
  v_message := jobforge.add_message(v_tenant_id, p_event_type, p_data, p_event_id, false);
  duplicate := v_message.id is null;
  if duplicate then
    select published.* into v_message from jobforge.webhook_messages as published
    where published.tenant_id = v_tenant_id and published.event_id = p_event_id;
    if (v_message.event_type, v_message.data) is distinct from (p_event_type, p_data) then
      perform jobforge.fail('idempotency_mismatch',
        'p_event_id was published with another event type or other data');
    end if;
    select count(*) into deliveries from jobforge.webhook_deliveries as sent
    where sent.message_id = v_message.id and sent.tenant_id = v_tenant_id;
  else
    deliveries := cardinality(jobforge.send_deliveries(v_tenant_id, array(
      select row(destination.id, destination.name, v_message.id, null)::jobforge.new_delivery
      from public.jobforge_connector_configs as destination
      where destination.tenant_id = v_tenant_id
        and destination.connector = 'connector.webhook.deliver' and destination.enabled
        and jobforge.subscribes(destination.config -> 'event_types', p_event_type)
      order by destination.name)));
  end if;
  message_id := v_message.id;
  return next;
exception when lock_not_available then
  perform jobforge.fail('busy',
    'a transaction with the same p_event_id is still open: try again after it has ended');
end
$$;
comment on function jobforge.publish(uuid, text, jsonb, text) is
  'Users: sends a message to every destination of the caller''s tenant that subscribed to its '
  'type. Returns the first message again for the same event ID.';

create function public.jobforge_publish(p_tenant_id uuid default null,
  p_event_type text default null, p_data jsonb default '{}', p_event_id text default null)
returns table (message_id uuid, duplicate boolean, deliveries int)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.publish(p_tenant_id, p_event_type, p_data, p_event_id) $$;
comment on function public.jobforge_publish(uuid, text, jsonb, text) is
  'Users: sends a message to the destinations that subscribed to its event type.';
