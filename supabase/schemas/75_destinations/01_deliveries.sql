-- Deliveries: a job for each message and destination, in one transaction.

create type jobforge.new_delivery as (
  destination_id uuid,
  destination text,
  message_id uuid,
  key text
);
comment on type jobforge.new_delivery is
  'A message to send to a destination. A key makes two callers at once send it once.';

create function jobforge.make_delivery_queue(p_tenant_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from jobforge.queues as q where q.tenant_id = p_tenant_id and q.queue = 'webhooks')
    and jobforge.make_queue(p_tenant_id, 'webhooks')
  then
    -- Receivers that take long would hold every slot of the runs otherwise.
    update public.jobforge_queues set max_running = 10
    where jobforge_queues.tenant_id = p_tenant_id and jobforge_queues.queue = 'webhooks';
  end if;
end
$$;
comment on function jobforge.make_delivery_queue(uuid) is
  'Makes the queue webhooks of a tenant, for its deliveries, unless it exists.';

create function jobforge.send_deliveries(
  p_tenant_id uuid, p_deliveries jobforge.new_delivery[])
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue constant text := (
    select q.queue from jobforge.queues as q
    where q.tenant_id = p_tenant_id and q.queue = 'webhooks');
  v_job_ids uuid[];
begin
  if cardinality(p_deliveries) = 0 then
    return '{}';
  end if;
  with sent as (
    select delivery.destination_id, delivery.message_id, enqueued.job_id, enqueued.index
    from jobforge.enqueue(p_tenant_id, array(
        select row('connector.webhook.deliver', jsonb_build_object(
          'destination', listed.destination, 'message_id', listed.message_id), listed.key,
          case when listed.key is not null then 86400 end, null, null, null, v_queue, null, null
          )::jobforge.new_job
        from unnest(p_deliveries) with ordinality as listed
        order by listed.ordinality)) as enqueued
      join unnest(p_deliveries) with ordinality as delivery
        on delivery.ordinality = enqueued.index + 1
  ),
  recorded as (
    insert into jobforge.webhook_deliveries (tenant_id, destination_id, job_id, message_id)
    select p_tenant_id, sent.destination_id, sent.job_id, sent.message_id from sent
    on conflict (tenant_id, destination_id, job_id) do nothing
  )
  select array_agg(sent.job_id order by sent.index) into v_job_ids from sent;
  return v_job_ids;
end
$$;
comment on function jobforge.send_deliveries(uuid, jobforge.new_delivery[]) is
  'Enqueues a job for each delivery and returns their ids. All or none.';

create function jobforge.is_under_way(p_delivery jobforge.webhook_deliveries)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A job that succeeded held the message or delivered it, even if its report was lost. A job that
  -- held it ends without a request.
  select p_delivery.delivered_at is not null or not p_delivery.held and exists (
    select from jobforge.jobs as j
    where j.tenant_id = p_delivery.tenant_id and j.id = p_delivery.job_id
      and (j.status is null or j.status = 'succeeded'))
$$;
comment on function jobforge.is_under_way(jobforge.webhook_deliveries) is
  'Whether a delivery arrived, or has a job that still sends it.';

create function jobforge.deliveries_again(
  p_config public.jobforge_connector_configs, p_message_ids uuid[])
returns jobforge.new_delivery[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(row(p_config.id, p_config.name, missed.id,
    format('%s/%s/%s', p_config.id, missed.id, missed.sent))::jobforge.new_delivery
    order by missed.id), '{}')
  from (
    select message.id, count(delivery.job_id) as sent
    from jobforge.webhook_messages as message
    left join jobforge.webhook_deliveries as delivery
      on delivery.message_id = message.id and delivery.tenant_id = p_config.tenant_id
        and delivery.destination_id = p_config.id
    where message.tenant_id = p_config.tenant_id and message.id = any (p_message_ids)
    group by message.id
    having not coalesce(bool_or(jobforge.is_under_way(delivery)), false)
  ) as missed
$$;
comment on function jobforge.deliveries_again(public.jobforge_connector_configs, uuid[]) is
  'Returns deliveries of those messages that the destination did not get and that no job sends. '
  'Two callers at once get the same keys.';
