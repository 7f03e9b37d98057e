-- Outcome batches: the ends of attempts, stored for the metrics.
--
-- Settling appends one row and writes nothing that other callers write. Maintenance rolls these
-- rows up into counters per type and into minutes per queue and type.

create table jobforge.outcome_batches (
  at timestamptz not null,
  queue_ids int[],
  types text[],
  ends "char"[],
  latency_ms int[],
  duration_ms int[],
  id bigint generated always as identity primary key
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0, autovacuum_vacuum_insert_threshold = -1
);
alter table jobforge.outcome_batches replica identity full;
comment on table jobforge.outcome_batches is
  'The attempts that one call to settle ended, until maintenance rolls them up. The key is for '
  'logical replication only: maintenance takes the rows by their place.';
comment on column jobforge.outcome_batches.ends is
  's(ucceeded), f(ailed), d(ead), c(anceled), r(etried), b(ack to the queue, attempt not used up).';
comment on column jobforge.outcome_batches.latency_ms is 'From run_at to the start of the attempt.';
