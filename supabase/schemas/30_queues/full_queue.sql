-- A full queue: the error with what is free, what is held, and when to try again.

create function jobforge.retry_after_seconds(
  p_settings public.jobforge_queues, p_missing bigint)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when p_settings.paused then 60
    when p_settings.rate_limit is null then 5
    else least(greatest(ceil(
      p_missing * (p_settings.rate_period_ms / 1000.0) / p_settings.rate_limit), 1), 3600)::int
  end;
end
$$;
comment on function jobforge.retry_after_seconds(public.jobforge_queues, bigint) is
  'Returns the seconds until a full queue may have p_missing free places: by its rate, or a guess '
  'when it has none.';

create function jobforge.refuse_full_queue(
  p_tenant_id uuid, p_queue_id int, p_queue text, p_count int, p_free bigint, p_epoch bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_settings public.jobforge_queues;
  v_held bigint;
begin
  -- The other rows are those that open transactions hold: all of them if the caller found none.
  select coalesce(sum(greatest(queue_slots.free, 0)), 0) into v_held from jobforge.queue_slots
  where queue_slots.queue_id = p_queue_id and queue_slots.epoch = coalesce(p_epoch, (
    select max(latest.epoch) from jobforge.queue_slots as latest
    where latest.queue_id = p_queue_id));
  select jobforge_queues.* into strict v_settings from public.jobforge_queues
  where jobforge_queues.tenant_id = p_tenant_id and jobforge_queues.queue = p_queue;
  perform jobforge.fail('queue_full', format('the queue holds at most %s jobs and has %s free '
    'places, and %s more that open transactions hold: %s jobs do not fit',
    v_settings.max_queued, p_free, v_held, p_count),
    json_build_object('limit', v_settings.max_queued, 'remaining', p_free,
      'retry_after', case when p_free + v_held >= p_count then 1
        else jobforge.retry_after_seconds(v_settings, p_count - p_free) end,
      'held', v_held)::text);
end
$$;
comment on function jobforge.refuse_full_queue(uuid, int, text, int, bigint, bigint) is
  'Raises queue_full for p_count jobs, with p_free places, and those that open transactions hold. '
  'p_epoch is that of the places which the caller took, or null.';
