-- The reasons of explain_job in words.

create function jobforge.url_hint()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format('project URL unknown: open …/%s/health once, or run jobforge setup',
    settings.worker_function)
  from jobforge.settings
$$;
comment on function jobforge.url_hint() is
  'What to do in a project that does not store its URL, so that no worker is called.';

create function jobforge.reason_text(p_reason text, p_kind text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case p_reason
    when 'canceling' then 'It is being canceled. Its worker stops it at the next heartbeat.'
    when 'lease_expiring' then 'Its worker stopped reporting. The next dispatch queues it again.'
    when 'running' then 'It is running, under the lease of a live run.'
    when 'succeeded' then 'It has succeeded.'
    when 'failed' then 'Its handler rejected it for good. Call retry_job to queue it again.'
    when 'dead' then 'Its attempts are used up. Call retry_job to queue it again.'
    when 'canceled' then 'It was canceled. Call retry_job to queue it again.'
    when 'tenant_erasing' then 'Its tenant is being erased. It is deleted without running.'
    when 'queue_paused' then 'Its queue is paused.'
    when 'queue_at_fault' then 'Its queue raises an error. An operator must configure it anew.'
    when 'scheduled' then 'It waits for its run_at.'
    when 'host_closed' then 'The host it calls asked for a pause.'
    when 'queue_at_max_running' then 'Its queue runs as many jobs as max_running allows.'
    when 'queue_rate_limited' then 'Its queue has used up its rate for now.'
    when 'quarantined' then 'Its lease expired twice. It waits for a run that holds no other job.'
    when 'type_unknown_to_workers'
      then 'No ' || coalesce(p_kind || ' ', '')
        || 'worker for this type is running. No attempt is spent meanwhile.'
    when 'project_url_unknown' then 'It is ready. ' || jobforge.url_hint()
    when 'waiting_for_a_worker' then 'It is ready. No worker is running yet.'
    when 'waiting_its_turn' then 'It is ready, behind other jobs of its queue or other queues.'
  end
$$;
comment on function jobforge.reason_text(text, text) is
  'A reason of explain_job in words. p_kind is the only kind of worker for the job, or null.';
