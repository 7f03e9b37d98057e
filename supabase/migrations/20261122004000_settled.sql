-- JobForge, chapter 40: what settlements leave for the metrics.
--
-- A settlement appends one row and touches nothing that others write; the tick folds these rows
-- into counters per type and into minutes per queue and type. Nobody else reads them.

create table jobforge.settled (
  at timestamptz not null,
  queue_ids int[],
  types text[],
  ends "char"[],
  latency_ms int[],
  duration_ms int[]
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0, autovacuum_vacuum_insert_threshold = -1
);
comment on table jobforge.settled is
  'The attempts that one settlement ended, until the tick folds them. Without a key: whoever settles '
  'only appends, and the tick takes what it finds.';
comment on column jobforge.settled.ends is
  's(ucceeded), f(ailed), d(ead), c(anceled), r(etried), b(ack to the queue, unspent).';
comment on column jobforge.settled.latency_ms is 'From run_at to the start of the attempt.';

create table jobforge.type_totals (
  type text primary key,
  started bigint not null default 0,
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
comment on column jobforge.type_totals.started is
  'Attempts that ended, those handed back unspent excepted.';
comment on column jobforge.type_totals.duration is
  'Attempts per bucket of jobforge.bucket_bounds(), not cumulative.';

create table jobforge.minutes (
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
  constraint minutes_pkey primary key (queue_id, at, type)
) with (fillfactor = 70);
comment on table jobforge.minutes is
  'Attempts that ended within a minute, per queue and type; queue 0 stands for all. Kept 14 days.';
create index minutes_age_idx on jobforge.minutes (at);

create table jobforge.folding (
  id boolean primary key default true,
  page bigint not null default 0,
  walked_at timestamptz not null default '-infinity',
  watched_at timestamptz not null default '-infinity',
  constraint one_row check (id)
);
comment on table jobforge.folding is 'How far the tick has come with metrics and alerts: one row.';
comment on column jobforge.folding.page is
  'Page of jobforge.settled where the next fold begins: before it are rows that are dead already.';
comment on column jobforge.folding.walked_at is
  'When it last began at the first page, for rows whose transaction was late.';
insert into jobforge.folding default values;

create function jobforge.bucket_bounds()
returns int[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{5,10,25,50,100,250,500,1000,2500,5000,10000,30000,60000,300000,1800000}'::int[]
$$;
comment on function jobforge.bucket_bounds() is
  'Upper bounds of the buckets in milliseconds, each inclusive; a sixteenth bucket has no bound.';

create function jobforge.histogram(p_buckets int[], p_counts bigint[])
returns bigint[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_histogram bigint[] := array_fill(0::bigint, array[16]);
begin
  for v_i in 1..coalesce(cardinality(p_buckets), 0) loop
    v_histogram[p_buckets[v_i] + 1] := v_histogram[p_buckets[v_i] + 1] + p_counts[v_i];
  end loop;
  return v_histogram;
end
$$;
comment on function jobforge.histogram(int[], bigint[]) is
  'Adds counts up in buckets, which are numbered from 0.';

create function jobforge.add_histograms(p_one bigint[], p_other bigint[])
returns bigint[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- One expression: a loop would take twenty times as long.
  return array[p_one[1] + p_other[1], p_one[2] + p_other[2], p_one[3] + p_other[3],
    p_one[4] + p_other[4], p_one[5] + p_other[5], p_one[6] + p_other[6], p_one[7] + p_other[7],
    p_one[8] + p_other[8], p_one[9] + p_other[9], p_one[10] + p_other[10],
    p_one[11] + p_other[11], p_one[12] + p_other[12], p_one[13] + p_other[13],
    p_one[14] + p_other[14], p_one[15] + p_other[15], p_one[16] + p_other[16]];
end
$$;
comment on function jobforge.add_histograms(bigint[], bigint[]) is 'The sum of two histograms.';

create function jobforge.percentile(p_histogram bigint[], p_share double precision)
returns bigint
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bounds constant int[] := jobforge.bucket_bounds();
  v_rank double precision := p_share * (select sum(h) from unnest(p_histogram) as h);
  v_lower int;
begin
  for v_i in 1..cardinality(v_bounds) loop
    if p_histogram[v_i] > 0 and p_histogram[v_i] >= v_rank then
      v_lower := case when v_i > 1 then v_bounds[v_i - 1] else 0 end;
      return round(v_lower + (v_bounds[v_i] - v_lower) * v_rank / p_histogram[v_i]);
    end if;
    v_rank := v_rank - p_histogram[v_i];
  end loop;
  return case when v_rank is not null and v_rank > 0 then v_bounds[cardinality(v_bounds)] end;
end
$$;
comment on function jobforge.percentile(bigint[], double precision) is
  'The value a share of the attempts stayed under, interpolated within its bucket; null for none.';
