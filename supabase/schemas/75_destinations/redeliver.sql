-- Send a message to a destination again.

create function jobforge.redeliver(p_tenant_id uuid, p_destination text, p_message_id uuid)
returns table (job_id uuid, duplicate boolean)
language plpgsql
security definer -- writes a job: bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_config constant public.jobforge_connector_configs :=
    jobforge.open_destination(v_tenant_id, p_destination, false);
  v_sent bigint;
begin
  if not exists (
    select from jobforge.webhook_messages as message
    where message.tenant_id = v_tenant_id and message.id = p_message_id)
  then
    perform jobforge.fail('not_found', 'the tenant has no such message, or it was deleted');
  end if;
  select count(*), (array_agg(sent.job_id) filter (
    where sent.delivered_at is null and jobforge.is_under_way(sent)))[1]
  into v_sent, job_id
  from jobforge.webhook_deliveries as sent
  where sent.message_id = p_message_id and sent.tenant_id = v_tenant_id
    and sent.destination_id = v_config.id;
  duplicate := job_id is not null;
  if not duplicate then
    job_id := (jobforge.send_deliveries(v_tenant_id, array[row(v_config.id, v_config.name,
      p_message_id, format('%s/%s/%s', v_config.id, p_message_id, v_sent)
      )::jobforge.new_delivery]))[1];
    perform jobforge.audit('redeliver', v_tenant_id, p_destination,
      jsonb_build_object('message_id', p_message_id));
  end if;
  return next;
end
$$;
comment on function jobforge.redeliver(uuid, text, uuid) is
  'Users: sends a message to a destination again, under its first webhook-id. Returns the job '
  'that still sends it, if there is one.';

create function public.jobforge_redeliver(p_tenant_id uuid default null,
  p_destination text default null, p_message_id uuid default null)
returns table (job_id uuid, duplicate boolean)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.redeliver(p_tenant_id, p_destination, p_message_id) $$;
comment on function public.jobforge_redeliver(uuid, text, uuid) is
  'Users: sends a message to a webhook destination again, under its first webhook-id.';
