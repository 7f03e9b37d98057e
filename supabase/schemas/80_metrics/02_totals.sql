-- Totals: counters of each type, and minutes per queue and type. Rolling up writes them.

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
  'Attempts of a type that ended, since the beginning. _other stands for all types that no worker '
  'declared.';
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
  'Attempts that ended within a minute, per queue and type. Queue 0 stands for all, queue -1 for '
  'those beyond the busiest 200 pairs of queue and type. Kept 14 days.';
create index metrics_by_minute_age_idx on jobforge.metrics_by_minute (at);
