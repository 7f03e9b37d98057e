-- Roll up outcome batches into counters and minutes.
--
-- Taking rows and counting them is one statement, so nothing is counted twice or lost. One caller
-- rolls up at a time, and nothing it locks is touched by claims or settlements.

create table jobforge.type_totals (
  type text primary key,
  succeeded bigint not null default 0,
  failed bigint not null default 0,
  dead bigint not null default 0,
  canceled bigint not null default 0,
  retried bigint not null default 0,
  duration bigint[] not null,
  duration_ms bigint not null default 0,
  latency bigint[] not null,
  latency_ms bigint not null default 0
) with (fillfactor = 50);
comment on table jobforge.type_totals is
  'Attempts of a type that ended, since the beginning. Types no worker declared are one: _other.';
comment on column jobforge.type_totals.duration is
  'Attempts per bucket of jobforge.bucket_bounds(), not cumulative.';

create table jobforge.metrics_by_minute (
  queue_id int not null,
  at timestamptz not null,
  type text not null,
  started bigint not null,
  succeeded bigint not null,
  failed bigint not null,
  dead bigint not null,
  canceled bigint not null,
  retried bigint not null,
  duration bigint[] not null,
  duration_ms bigint not null,
  latency bigint[] not null,
  latency_ms bigint not null,
  constraint metrics_by_minute_pkey primary key (queue_id, at, type)
) with (fillfactor = 70);
comment on table jobforge.metrics_by_minute is
  'Attempts that ended within a minute, per queue and type; queue 0 stands for all. Kept 14 days.';
create index metrics_by_minute_age_idx on jobforge.metrics_by_minute (at);

create table jobforge.roll_up_progress (
  id boolean primary key default true,
  page bigint not null default 0,
  rescanned_at timestamptz not null default '-infinity',
  alerts_evaluated_at timestamptz not null default '-infinity',
  constraint one_row check (id)
);
comment on table jobforge.roll_up_progress is
  'How far the tick has come with metrics and alerts: one row.';
comment on column jobforge.roll_up_progress.page is
  'Page of jobforge.outcome_batches where the next fold begins: before it are rows that are dead '
  'already.';
comment on column jobforge.roll_up_progress.rescanned_at is
  'When it last began at the first page, for rows whose transaction was late.';
insert into jobforge.roll_up_progress default values;

create function jobforge.take_settled(p_from_page bigint, p_limit int)
returns table (ctid tid, minute timestamptz, queue_ids int[], types text[], ends "char"[],
  latency_ms int[], duration_ms int[])
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_from constant tid := format('(%s,0)', p_from_page)::tid;
begin
  return query
  delete from jobforge.outcome_batches as s
  where s.ctid = any (array(
    select f.ctid from jobforge.outcome_batches as f where f.ctid >= v_from limit p_limit))
  returning s.ctid, date_trunc('minute', s.at), s.queue_ids, s.types, s.ends, s.latency_ms,
    s.duration_ms;
end
$$;
comment on function jobforge.take_settled(bigint, int) is
  'Deletes up to p_limit rows from a page on and returns them with their minute.';

-- Jobs are counted by a hash and joined only afterwards, because each job pays for that part. The
-- sums are per minute, type and queue, per minute and type, and per type, without a minute.
create function jobforge.roll_up_batch(p_from_page bigint, p_limit int)
returns table (batch int, last_page bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_sort = off
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  with taken as materialized (select t.* from jobforge.take_settled(p_from_page, p_limit) as t),
  counted as materialized (
    select t.minute as at, a.queue_id, a.type, a.ended,
      width_bucket(a.duration - 1, jobforge.bucket_bounds()) as duration_bucket,
      width_bucket(a.latency - 1, jobforge.bucket_bounds()) as latency_bucket,
      count(*) as n, sum(a.duration) as duration_ms, sum(greatest(a.latency, 0)) as latency_ms
    from taken as t
    cross join lateral unnest(t.queue_ids, t.types, t.ends, t.duration_ms, t.latency_ms)
      as a (queue_id, type, ended, duration, latency)
    where a.ended <> 'b'
    group by 1, 2, 3, 4, 5, 6
  ),
  summed as materialized (
    select coalesce(c.queue_id, 0) as queue_id, c.at, t.type, sum(c.n)::bigint as started,
      coalesce(sum(c.n) filter (where c.ended = 's'), 0)::bigint as succeeded,
      coalesce(sum(c.n) filter (where c.ended = 'f'), 0)::bigint as failed,
      coalesce(sum(c.n) filter (where c.ended = 'd'), 0)::bigint as dead,
      coalesce(sum(c.n) filter (where c.ended = 'c'), 0)::bigint as canceled,
      coalesce(sum(c.n) filter (where c.ended = 'r'), 0)::bigint as retried,
      jobforge.histogram(array_agg(c.duration_bucket), array_agg(c.n)) as duration,
      sum(c.duration_ms)::bigint as duration_ms,
      jobforge.histogram(array_agg(c.latency_bucket), array_agg(c.n)) as latency,
      sum(c.latency_ms)::bigint as latency_ms
    from counted as c left join jobforge.job_types as d on d.type = c.type,
      coalesce(d.type, '_other') as t (type)
    group by grouping sets ((c.at, t.type, c.queue_id), (c.at, t.type), (t.type))
  ),
  per_minute as (
    insert into jobforge.metrics_by_minute as m
    select s.* from summed as s
    where s.at is not null and (s.queue_id = 0
      or exists (select from public.jobforge_queues as q where q.id = s.queue_id))
    on conflict (queue_id, at, type) do update
    set started = m.started + excluded.started, succeeded = m.succeeded + excluded.succeeded,
      failed = m.failed + excluded.failed, dead = m.dead + excluded.dead,
      canceled = m.canceled + excluded.canceled, retried = m.retried + excluded.retried,
      duration = jobforge.add_histograms(m.duration, excluded.duration),
      duration_ms = m.duration_ms + excluded.duration_ms,
      latency = jobforge.add_histograms(m.latency, excluded.latency),
      latency_ms = m.latency_ms + excluded.latency_ms
  ),
  per_type as (
    insert into jobforge.type_totals as m
    select s.type, s.succeeded, s.failed, s.dead, s.canceled, s.retried, s.duration, s.duration_ms,
      s.latency, s.latency_ms
    from summed as s where s.at is null
    on conflict (type) do update
    set succeeded = m.succeeded + excluded.succeeded,
      failed = m.failed + excluded.failed, dead = m.dead + excluded.dead,
      canceled = m.canceled + excluded.canceled, retried = m.retried + excluded.retried,
      duration = jobforge.add_histograms(m.duration, excluded.duration),
      duration_ms = m.duration_ms + excluded.duration_ms,
      latency = jobforge.add_histograms(m.latency, excluded.latency),
      latency_ms = m.latency_ms + excluded.latency_ms
  )
  select count(*)::int, split_part(trim('(' from max(t.ctid)::text), ',', 1)::bigint
  from taken as t;
end
$$;
comment on function jobforge.roll_up_batch(bigint, int) is
  'Counts up to p_limit rows from a page on and deletes them. Returns how many, and the last page.';

create function jobforge.roll_up(p_now timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '2 seconds';
  v_pages constant bigint := pg_relation_size('jobforge.outcome_batches') / 8192;
  v_progress jobforge.roll_up_progress;
  v_page bigint;
  v_done record;
  v_rolled_up int := 0;
begin
  select f.* into v_progress from jobforge.roll_up_progress as f for no key update skip locked;
  if not found then
    return 0;
  end if;
  -- While an old snapshot keeps dead rows, reading past them again and again would cost more with
  -- every tick. Once a minute all of it is read, for rows that were committed late.
  v_page := case when v_pages <= 4096 or v_progress.page >= v_pages
    or v_progress.rescanned_at < p_now - interval '1 minute' then 0 else v_progress.page end;
  update jobforge.roll_up_progress as f set rescanned_at = p_now where v_page = 0 and f.id;
  for v_batch in 1..80 loop
    select f.* into v_done from jobforge.roll_up_batch(v_page, 250) as f;
    v_rolled_up := v_rolled_up + v_done.batch;
    v_page := coalesce(v_done.last_page, v_page);
    exit when v_done.batch < 250 or clock_timestamp() > v_until;
  end loop;
  update jobforge.roll_up_progress as f set page = v_page where f.id;
  delete from jobforge.metrics_by_minute as m
  where m.ctid = any (array(
    select o.ctid from jobforge.metrics_by_minute as o where o.at < p_now - interval '14 days'
      limit 5000));
  return v_rolled_up;
end
$$;
comment on function jobforge.roll_up(timestamptz) is
  'Folds what settlements left into counters and minutes, for two seconds at most, and forgets '
  'minutes older than 14 days. Returns how many settlements.';
