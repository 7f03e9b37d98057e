-- Receive a webhook: create one job for a verified event, however often its sender repeats it.

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

create function jobforge.receive_webhook(
  p_id uuid, p_replay_key text, p_payload jsonb, p_traceparent text)
returns json
language plpgsql
security definer -- writes received webhooks and jobs for the verifying function
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
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
  perform pg_advisory_xact_lock(hashtextextended(p_id || ' ' || p_replay_key, 0));
  select job_id into v_job_id from public.jobforge_received_webhooks
  where tenant_id = v_config.tenant_id and config_id = p_id and replay_key = p_replay_key;
  if found then
    return json_build_object('job_id', v_job_id, 'duplicate', true);
  end if;
  v_job.type := v_config.config ->> 'job_type';
  v_job.queue := v_config.config ->> 'queue';
  v_job.payload := p_payload;
  v_job.traceparent := p_traceparent;
  select enqueued.job_id into strict v_job_id
  from jobforge.enqueue(v_config.tenant_id, array[v_job]) as enqueued;
  insert into public.jobforge_received_webhooks
    (tenant_id, config_id, replay_key, job_id, received_at, expires_at)
  values (v_config.tenant_id, p_id, p_replay_key, v_job_id, v_now, v_now + interval '7 days');
  return json_build_object('job_id', v_job_id, 'duplicate', false);
end
$$;
comment on function jobforge.receive_webhook(uuid, text, jsonb, text) is
  'Webhooks: stores a verified webhook and enqueues its job in one transaction. Returns the first '
  'job for a replay.';

create function public.jobforge_receive_webhook(
  p_id uuid, p_replay_key text, p_payload jsonb, p_traceparent text default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.receive_webhook(p_id, p_replay_key, p_payload, p_traceparent) $$;
comment on function public.jobforge_receive_webhook(uuid, text, jsonb, text) is
  'Webhooks: enqueues one job for a verified webhook, however often it arrives.';
