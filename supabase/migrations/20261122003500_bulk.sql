-- JobForge, chapter 35: redrive and cancel by filter.
--
-- One call looks at a bounded stretch of a tenant's jobs and changes a bounded number of them; what
-- somebody else holds at that moment is skipped, never waited for. Order of locks: jobs, then per
-- queue the gate (shared), admission, tallies.

create index jobforge_jobs_unsuccessful_idx on public.jobforge_jobs (tenant_id, id)
  where status in ('failed', 'dead', 'canceled');

create type jobforge.job_filter as (
  status text[],
  type text[],
  queue text[],
  error_code text[],
  created_after timestamptz,
  created_before timestamptz
);
comment on type jobforge.job_filter is 'Which jobs a call is about; null means any.';

create function jobforge.job_filter(p_filter jsonb, p_statuses text[], p_default text[])
returns jobforge.job_filter
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_filter jobforge.job_filter;
begin
  if jsonb_typeof(p_filter) is distinct from 'object' or p_filter
    - '{status,type,queue,error_code,created_after,created_before}'::text[] <> '{}'
  then
    perform jobforge.fail('invalid_argument', 'p_filter must be an object with status, type, queue, '
      'error_code (a text or a list of texts each), created_after or created_before');
  end if;
  begin
    v_filter := (
      select jsonb_populate_record(null::jobforge.job_filter, jsonb_object_agg(m.key, case
        when m.key in ('status', 'type', 'queue', 'error_code') and jsonb_typeof(m.value) = 'string'
        then jsonb_build_array(m.value) else m.value end))
      from jsonb_each(p_filter) as m);
  exception when data_exception then
    perform jobforge.fail('invalid_argument', format('p_filter: %s', sqlerrm));
  end;
  if v_filter.created_after not between '1970-01-01' and '9999-01-01'
    or v_filter.created_before not between '1970-01-01' and '9999-01-01'
  then
    perform jobforge.fail('invalid_argument', 'p_filter: times must be from 1970 to 9999');
  end if;
  v_filter.status := coalesce(v_filter.status, p_default);
  if not v_filter.status <@ p_statuses or cardinality(v_filter.status) = 0 then
    perform jobforge.fail('invalid_argument',
      format('p_filter: status must be of %s', array_to_string(p_statuses, ', ')));
  end if;
  return v_filter;
end
$$;
comment on function jobforge.job_filter(jsonb, text[], text[]) is
  'A filter as a caller gives it, checked: unknown members and statuses are refused.';

create function jobforge.first_id_at(p_at timestamptz)
returns uuid
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select (lpad(to_hex(greatest(floor(extract(epoch from p_at) * 1000), 0)::bigint), 12, '0')
    || '70008000000000000000')::uuid
$$;
comment on function jobforge.first_id_at(timestamptz) is
  'No id made at this time or later is smaller.';

create type jobforge.picked_jobs as (
  ids uuid[],
  sample jsonb,
  next uuid
);
comment on type jobforge.picked_jobs is
  'Jobs a filter found, ten of them described, and where the next call goes on (null: at the end).';

create function jobforge.pick_jobs(
  p_tenant_id uuid, p_filter jobforge.job_filter, p_ended boolean, p_after uuid, p_limit int)
returns jobforge.picked_jobs
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_look constant int := 50000;
  -- The id is made a moment before or after created_at is read.
  v_from constant uuid := coalesce(
    jobforge.first_id_at(p_filter.created_after - interval '1 second'), p_after);
  v_until constant uuid := jobforge.first_id_at(
    coalesce(p_filter.created_before, '9999-01-01') + interval '1 second');
  v_picked jobforge.picked_jobs;
begin
  -- Ended jobs have an index of their own; of the two halves only one ever runs.
  with examined as materialized (
    (select j.id, j.status, j.type, j.queue, j.last_error ->> 'code' as error_code, j.created_at,
        j.cancel_requested_at is not null and j.status = 'running' as canceling
      from public.jobforge_jobs as j
      where p_ended and j.tenant_id = p_tenant_id and j.id > p_after
        and j.id >= v_from and j.id < v_until and j.status in ('failed', 'dead', 'canceled')
      order by j.id limit v_look)
    union all
    (select j.id, j.status, j.type, j.queue, j.last_error ->> 'code', j.created_at,
        j.cancel_requested_at is not null and j.status = 'running'
      from public.jobforge_jobs as j
      where not p_ended and j.tenant_id = p_tenant_id and j.id > p_after
        and j.id >= v_from and j.id < v_until
      order by j.id limit v_look)
  ),
  matching as (
    select e.* from examined as e
    where e.status = any (p_filter.status) and not e.canceling
      and (p_filter.type is null or e.type = any (p_filter.type))
      and (p_filter.queue is null or e.queue = any (p_filter.queue))
      and (p_filter.error_code is null or e.error_code = any (p_filter.error_code))
      and (p_filter.created_after is null or e.created_at >= p_filter.created_after)
      and (p_filter.created_before is null or e.created_at < p_filter.created_before)
    order by e.id
    limit p_limit
  ),
  described as (
    select jsonb_agg(to_jsonb(s) - 'canceling' order by s.id) as sample
    from (select m.* from matching as m order by m.id limit 10) as s
  )
  select array_agg(m.id order by m.id), (select d.sample from described as d),
    case when count(*) = p_limit then (array_agg(m.id order by m.id desc))[1]
      when (select count(*) from examined) = v_look
        then (select e.id from examined as e order by e.id desc limit 1) end
  into v_picked
  from matching as m;
  return v_picked;
end
$$;
comment on function jobforge.pick_jobs(uuid, jobforge.job_filter, boolean, uuid, int) is
  'Up to p_limit jobs after an id that pass the filter, among the next 50,000 at most.';

create function jobforge.cancel(p_tenant_id uuid, p_ids uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_group record;
begin
  for v_group in
    with stopped as (
      update public.jobforge_jobs as j
      set status = case j.status when 'queued' then 'canceled' else j.status end,
        scheduled = false,
        cancel_requested_at = coalesce(j.cancel_requested_at, v_now),
        finished_at = case j.status when 'queued' then v_now end
      where j.tenant_id = p_tenant_id and j.id = any (p_ids) and j.status in ('queued', 'running')
      returning j.queue_id, j.status
    )
    select s.queue_id, count(*)::int as count from stopped as s
    where s.status = 'canceled'
    group by s.queue_id
    order by s.queue_id
  loop
    perform jobforge.tally_enqueued(v_group.queue_id, -v_group.count);
  end loop;
end
$$;
comment on function jobforge.cancel(uuid, uuid[]) is
  'Ends queued jobs at once and asks running ones to stop. The caller has locked them.';

create function jobforge.redrive(p_tenant_id uuid, p_ids uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_group record;
begin
  for v_group in
    with redriven as (
      update public.jobforge_jobs as j
      set status = 'queued', run_at = v_now, finished_at = null, cancel_requested_at = null,
        lease_expiries = 0, progress = null, redriven_after = j.attempts,
        max_attempts = j.attempts + j.max_attempts - j.redriven_after
      where j.tenant_id = p_tenant_id and j.id = any (p_ids)
      returning j.queue
    )
    select r.queue, count(*)::int as count from redriven as r group by r.queue order by r.queue
  loop
    -- Older than what waits now: the priority below all others makes claims look behind their mark.
    perform jobforge.add_to_queue(p_tenant_id, v_group.queue, v_group.count, -32768);
  end loop;
end
$$;
comment on function jobforge.redrive(uuid, uuid[]) is
  'Queues ended jobs again with a fresh set of attempts. The caller has locked them.';
