-- Ready jobs: for how many jobs the dispatcher calls edge workers.

create function jobforge.has_kinds()
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (select from jobforge.job_types as t where t.runs_on is not null)
    or exists (select from jobforge.runs as r where r.state = 'live' and r.kind = 'container')
    or exists (select from jobforge.unclaimed)
$$;
comment on function jobforge.has_kinds() is
  'Whether it depends on the type of a job which worker takes it.';

create function jobforge.startable_jobs(p_now timestamptz)
returns int
language sql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
  -- Counts no further than max_runs runs can hold.
  with enough as (select settings.max_runs * settings.run_capacity as jobs from jobforge.settings),
  ready as (
    select found.one
    from jobforge.queues as q
    join public.jobforge_queues
      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
    cross join lateral (
      select 1 as one from jobforge.ready
      where ready.queue_id = q.id
        and (ready.priority, ready.id) >= (
          case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_priority
            else -32768 end,
          case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_id
            else '00000000-0000-0000-0000-000000000000' end)
      limit least(
        jobforge.available_starts(q, jobforge_queues, p_now), (select enough.jobs from enough))
    ) as found
    where q.runnable
    limit (select enough.jobs from enough)
  )
  select (select count(*) from ready)::int + (
    select count(*) from (
      select from jobforge.quarantined join jobforge.queues as q on q.id = quarantined.queue_id
      join public.jobforge_queues
        on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
      where jobforge.available_starts(q, jobforge_queues, p_now) > 0
      limit 10) as startable)::int
$$;
comment on function jobforge.startable_jobs(timestamptz) is
  'Returns how many jobs could start now, counted up to what all runs together can hold.';

create function jobforge.types_ahead(p_enough int, p_not text[], p_now timestamptz)
returns setof text
language sql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
  (select found.type
  from (
    select q as state, jobforge_queues as settings
    from jobforge.queues as q
    join public.jobforge_queues
      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
    where q.runnable
    order by q.vtime
    limit 100) as turn
  cross join lateral (
    select j.type
    from (
      select ready.place, ready.id from jobforge.ready
      where ready.queue_id = (turn.state).id
      order by ready.priority, ready.id
      limit 250) as next
    left join jobforge.jobs as j on j.ctid = next.place and j.id = next.id
    where (j.type = any (p_not)) is not true
    limit least(jobforge.available_starts(turn.state, turn.settings, p_now), p_enough)
  ) as found
  limit p_enough)
  union all
  (select j.type
  from jobforge.quarantined
  join jobforge.queues as q on q.id = quarantined.queue_id
  join public.jobforge_queues
    on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
  join jobforge.jobs as j on j.tenant_id = quarantined.tenant_id and j.id = quarantined.id
  where jobforge.available_starts(q, jobforge_queues, p_now) > 0 and j.type <> all (p_not)
  limit 10)
$$;
comment on function jobforge.types_ahead(int, text[], timestamptz) is
  'The types of up to p_enough jobs that could start now and are not of p_not, one row a job: of '
  'the 250 next jobs of each of the 100 queues whose turn is next, and of 10 quarantined jobs. '
  'Null where a body has moved.';

create function jobforge.more_is_ahead()
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
  select exists (
      select from jobforge.queues as q where q.runnable order by q.vtime offset 100)
    or exists (
      select from (
        select q.id from jobforge.queues as q where q.runnable order by q.vtime limit 100) as turn
      cross join lateral (
        select from jobforge.ready where ready.queue_id = turn.id
        order by ready.priority, ready.id
        offset 250 limit 1) as beyond)
$$;
comment on function jobforge.more_is_ahead() is
  'Whether types_ahead leaves ready jobs out: behind 100 queues, or behind 250 jobs of a queue.';

create function jobforge.ready_for_edge(p_now timestamptz)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_enough constant int := (
    select settings.max_runs * settings.run_capacity from jobforge.settings);
  v_spare int;
  v_takes_all boolean;
  v_edge_types text[];
  v_only_edge int;
  v_both int;
  v_needed int;
begin
  select coalesce(sum(active_runs.spare), 0), coalesce(bool_or(active_runs.types is null), false)
  into v_spare, v_takes_all
  from jobforge.active_runs
  where active_runs.kind = 'container' and active_runs.helps_until >= p_now;
  select count(*) filter (where taken.type is null), count(taken.type) into v_only_edge, v_both
  from jobforge.types_ahead(v_enough, array(
    select t.type from jobforge.job_types as t where t.runs_on = 'container'), p_now)
    as ahead (type)
  left join (
    select distinct unnest(active_runs.types) as type from jobforge.active_runs
    where active_runs.kind = 'container' and active_runs.helps_until >= p_now
  ) as taken on taken.type = ahead.type;
  if v_takes_all then
    v_both := v_both + v_only_edge;
    v_only_edge := 0;
  end if;
  -- What a container set aside: types that the last run of the edge took.
  v_edge_types := (
    select r.types from jobforge.runs as r
    where r.kind = 'edge' and r.started_at is not null
    order by r.id desc limit 1);
  v_needed := v_only_edge + greatest(v_both - v_spare, 0) + (
    select count(*) from (
      select from jobforge.unclaimed where unclaimed.type = any (v_edge_types)
      limit v_enough) as aside)::int;
  -- What is out of sight may be for the edge. A run finds out, because it sets aside what is not.
  if v_needed = 0 and jobforge.more_is_ahead() and coalesce((
    select r.created_at < p_now - interval '10 seconds' from jobforge.runs as r
    where r.kind = 'edge'
    order by r.id desc limit 1), true)
  then
    return 1;
  end if;
  return v_needed;
end
$$;
comment on function jobforge.ready_for_edge(timestamptz) is
  'Returns how many jobs that could start now need an edge worker: none of a type for containers, '
  'and of the other types that live containers take only those beyond their free slots. One at '
  'least, every ten seconds, while there are more jobs than it looks at.';

create function jobforge.ready_jobs(p_now timestamptz)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case when jobforge.has_kinds() then jobforge.ready_for_edge(p_now)
    else jobforge.startable_jobs(p_now) end;
end
$$;
comment on function jobforge.ready_jobs(timestamptz) is
  'Returns how many jobs could start now in a run that a call would start.';
