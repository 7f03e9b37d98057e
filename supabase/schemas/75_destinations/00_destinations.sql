-- Webhook destinations: the messages of a tenant, and their deliveries to its destinations.
--
-- A destination is a configuration of connector.webhook.deliver. Its event_types are its
-- subscriptions. A message is stored once, and its deliveries are jobs that name it.

create table jobforge.webhook_messages (
  tenant_id uuid not null,
  id uuid not null,
  event_type text not null,
  data jsonb not null,
  event_id text,
  test boolean not null default false,
  created_at timestamptz not null,
  constraint webhook_messages_pkey primary key (tenant_id, id),
  constraint webhook_messages_one_per_event unique (tenant_id, event_id)
);
comment on table jobforge.webhook_messages is
  'A message for the destinations that subscribed to its event type.';
comment on column jobforge.webhook_messages.event_id is
  'The publisher''s ID of the event. Publishing it again creates no second message.';
comment on column jobforge.webhook_messages.test is
  'A test event: for one destination, also while that is paused.';
create index webhook_messages_age_idx on jobforge.webhook_messages (id);

create table jobforge.webhook_deliveries (
  tenant_id uuid not null,
  destination_id uuid not null,
  job_id uuid not null,
  message_id uuid not null,
  held boolean not null default false,
  resent boolean not null default false,
  attempts int not null default 0,
  response_status int,
  error text,
  last_attempt_at timestamptz,
  delivered_at timestamptz,
  constraint webhook_deliveries_pkey primary key (tenant_id, destination_id, job_id),
  constraint held_until_delivered check (not held or delivered_at is null)
);
comment on table jobforge.webhook_deliveries is
  'A message on its way to one destination: one row for each job that sends it.';
comment on column jobforge.webhook_deliveries.held is
  'The destination was paused, so its message is sent when that resumes.';
comment on column jobforge.webhook_deliveries.resent is
  'Another job sends the message that this one held.';
comment on column jobforge.webhook_deliveries.error is
  'The code of the last failure. It never holds anything of the receiver''s response.';
create index webhook_deliveries_message_idx on jobforge.webhook_deliveries (message_id);
create index webhook_deliveries_held_idx on jobforge.webhook_deliveries
  (tenant_id, destination_id, job_id) where held and not resent;

create table jobforge.destination_states (
  destination_id uuid primary key
    references public.jobforge_connector_configs (id) on delete cascade,
  tenant_id uuid not null,
  failures int not null default 0,
  failing_since timestamptz,
  paused_at timestamptz,
  paused_by text,
  paused_reason text,
  probe_job_id uuid,
  check_at timestamptz,
  horizon xid8,
  constraint failing_has_a_time check ((failures > 0) = (failing_since is not null)),
  constraint paused_by_is_known check (paused_by in ('failures', 'gone', 'hand')),
  constraint paused_has_a_reason check (
    num_nonnulls(paused_at, paused_by, paused_reason) in (0, 3))
) with (fillfactor = 50);
comment on table jobforge.destination_states is
  'Whether a destination fails or is paused. Created with its configuration, so that a worker that '
  'reports never inserts.';
comment on column jobforge.destination_states.failures is 'Attempts that failed in a row.';
comment on column jobforge.destination_states.paused_by is
  'failures: the breaker. gone: the receiver answered 410. hand: a service or a user.';
comment on column jobforge.destination_states.probe_job_id is
  'The one job that still calls the destination while the breaker keeps it paused.';
comment on column jobforge.destination_states.check_at is
  'When maintenance looks at it: for the next probe, or to send what was held.';
comment on column jobforge.destination_states.horizon is
  'After a resumption: once every transaction before it has ended, none holds another delivery.';
create index destination_states_tenant_idx on jobforge.destination_states (tenant_id);
create index destination_states_check_idx on jobforge.destination_states (check_at)
  where check_at is not null;
create index destination_states_paused_idx on jobforge.destination_states (paused_at)
  where paused_at is not null;

create function jobforge.subscribes(p_event_types jsonb, p_event_type text)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from jsonb_array_elements_text(p_event_types) as subscribed (type)
    where subscribed.type in ('*', p_event_type)
      or right(subscribed.type, 2) = '.*'
        and starts_with(p_event_type, left(subscribed.type, -1)))
$$;
comment on function jobforge.subscribes(jsonb, text) is
  'Whether one of the subscriptions takes an event type: the type itself, a prefix with .*, or *.';

create function jobforge.find_destination(p_tenant_id uuid, p_name text)
returns public.jobforge_connector_configs
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_config public.jobforge_connector_configs;
begin
  select * into v_config from public.jobforge_connector_configs
  where tenant_id = p_tenant_id and connector = 'connector.webhook.deliver' and name = p_name;
  if not found then
    perform jobforge.fail('not_found', format(
      'the tenant has no webhook destination %s', jobforge.quote(p_name)));
  end if;
  return v_config;
end
$$;
comment on function jobforge.find_destination(uuid, text) is
  'Returns a destination of a tenant. The caller has checked the tenant.';

create function jobforge.open_destination(p_tenant_id uuid, p_name text, p_even_paused boolean)
returns public.jobforge_connector_configs
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_config constant public.jobforge_connector_configs :=
    jobforge.find_destination(p_tenant_id, p_name);
begin
  if not v_config.enabled then
    perform jobforge.fail('wrong_state', format('the destination %s is disabled: %s',
      jobforge.quote(p_name), v_config.disabled_reason));
  elsif not p_even_paused and exists (
    select from jobforge.destination_states
    where destination_id = v_config.id and paused_at is not null)
  then
    perform jobforge.fail('wrong_state', format(
      'the destination %s is paused: resume it first', jobforge.quote(p_name)));
  end if;
  return v_config;
end
$$;
comment on function jobforge.open_destination(uuid, text, boolean) is
  'Returns a destination that is enabled, and not paused unless p_even_paused.';
