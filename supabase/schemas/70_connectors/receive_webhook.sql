-- Receive a webhook: create one job for a verified event, however often its sender repeats it.
--
-- A body that no payload can hold, or that is to be kept as it came, has a row beside the job. It
-- goes with the job.

create table public.jobforge_received_webhooks (
  tenant_id uuid not null,
  config_id uuid not null,
  replay_key text not null,
  job_id uuid not null,
  received_at timestamptz not null,
  expires_at timestamptz not null,
  constraint jobforge_received_webhooks_pkey primary key (tenant_id, config_id, replay_key),
  constraint replay_key_is_short check (replay_key ~ '^[!-~]{1,200}$')
);
comment on table public.jobforge_received_webhooks is
  'A verified webhook and its job. Kept for a week, because senders repeat for days.';
create index jobforge_received_webhooks_expiry_idx
  on public.jobforge_received_webhooks (expires_at);
create index jobforge_received_webhooks_recent_idx
  on public.jobforge_received_webhooks (tenant_id, config_id, received_at);

create table jobforge.webhook_bodies (
  tenant_id uuid not null,
  job_id uuid not null,
  body bytea not null,
  constraint webhook_bodies_pkey primary key (tenant_id, job_id),
  constraint body_is_small_enough check (octet_length(body) <= 5242880)
);
-- Not compressed, so that its length and a part of it are read without the rest.
alter table jobforge.webhook_bodies alter column body set storage external;
comment on table jobforge.webhook_bodies is
  'The body of a received webhook, byte for byte, when it is not in the payload of its job.';

create function jobforge.decode_body(p_body text)
returns bytea
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_max_bytes constant int := 5242880;
  v_body bytea;
begin
  -- Four characters hold three bytes.
  if octet_length(p_body) / 4 <= v_max_bytes / 3 + 1 then
    begin
      v_body := decode(p_body, 'base64');
    exception when data_exception then
      perform jobforge.fail('invalid_argument', 'p_body must be base64');
    end;
  end if;
  if p_body is not null and coalesce(octet_length(v_body) > v_max_bytes, true) then
    perform jobforge.fail('payload_too_large',
      format('p_body must be the base64 of at most %s bytes', v_max_bytes));
  end if;
  return v_body;
end
$$;
comment on function jobforge.decode_body(text) is
  'Returns the bytes of a body in base64, or null for none.';

create function jobforge.receive_webhook(
  p_id uuid, p_replay_key text, p_payload jsonb, p_traceparent text, p_body text)
returns json
language plpgsql
security definer -- writes received webhooks and jobs for the verifying function
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s' -- a copy of the event in a transaction that is still open
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_body bytea;
  v_config public.jobforge_connector_configs;
  v_job jobforge.new_job;
  v_job_id uuid;
begin
  perform jobforge.require_service();
  if p_replay_key is null or p_replay_key !~ '^[!-~]{1,200}$' then
    perform jobforge.fail('invalid_argument', 'p_replay_key must be 1 to 200 printable characters');
  end if;
  select * into v_config from public.jobforge_connector_configs
  where id = p_id and connector = 'webhook-verify' and enabled;
  if not found then
    perform jobforge.fail('not_found', 'no such endpoint');
  end if;
  -- Copies of one event take turns, so that all but the first find its row.
  begin
    perform pg_advisory_xact_lock(hashtextextended(p_id || ' ' || p_replay_key, 0));
  exception when lock_not_available then
    perform jobforge.fail('busy', 'a copy of this event is just being stored: send it again');
  end;
  select job_id into v_job_id from public.jobforge_received_webhooks
  where tenant_id = v_config.tenant_id and config_id = p_id and replay_key = p_replay_key;
  if found then
    return json_build_object('job_id', v_job_id, 'duplicate', true);
  end if;
  v_body := jobforge.decode_body(p_body);
  v_job.type := v_config.config ->> 'job_type';
  v_job.queue := v_config.config ->> 'queue';
  v_job.payload := case when v_body is null then p_payload else p_payload || jsonb_build_object(
    'stored', jsonb_build_object('bytes', octet_length(v_body))) end;
  v_job.traceparent := p_traceparent;
  select enqueued.job_id into strict v_job_id
  from jobforge.enqueue(v_config.tenant_id, array[v_job]) as enqueued;
  if v_body is not null then
    insert into jobforge.webhook_bodies (tenant_id, job_id, body)
    values (v_config.tenant_id, v_job_id, v_body);
  end if;
  insert into public.jobforge_received_webhooks
    (tenant_id, config_id, replay_key, job_id, received_at, expires_at)
  values (v_config.tenant_id, p_id, p_replay_key, v_job_id, v_now, v_now + interval '7 days');
  return json_build_object('job_id', v_job_id, 'duplicate', false);
end
$$;
comment on function jobforge.receive_webhook(uuid, text, jsonb, text, text) is
  'Webhooks: stores a verified webhook and enqueues its job in one transaction. Returns the first '
  'job for a replay, and stores nothing then.';

create function public.jobforge_receive_webhook(
  p_id uuid, p_replay_key text, p_payload jsonb, p_traceparent text default null,
  p_body text default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.receive_webhook(p_id, p_replay_key, p_payload, p_traceparent, p_body) $$;
comment on function public.jobforge_receive_webhook(uuid, text, jsonb, text, text) is
  'Webhooks: enqueues one job for a verified webhook, however often it arrives. p_body is a body '
  'in base64 that the payload does not hold.';
