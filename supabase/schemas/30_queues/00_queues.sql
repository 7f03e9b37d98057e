-- The queues: a tenant's settings, and the scheduler's state for each queue.
--
-- A queue is runnable, or it sleeps: it is empty, at its cap, throttled or paused. Only claims and
-- wake-ups write the scheduler's state.
--
-- Advisory locks use 'JOB' and a number as first key, and the queue as second key.

create table public.jobforge_queues (
  id int generated always as identity primary key,
  tenant_id uuid not null,
  queue jobforge.queue_name not null default 'default',
  weight jobforge.weight not null default 1,
  max_running jobforge.count,
  max_queued jobforge.count,
  rate_limit jobforge.positive,
  rate_period_ms jobforge.period_ms not null default 60000,
  rate_burst jobforge.positive not null default 1,
  paused boolean not null default false,
  -- scheduler state: written by claims and wake-ups only
  vtime double precision not null default 0,
  claimed bigint not null default 0,
  runnable boolean not null default false,
  wake_at timestamptz,
  tat timestamptz,
  cursor_priority smallint,
  cursor_id uuid,
  cursor_at timestamptz,
  constraint jobforge_queues_one_per_name unique (tenant_id, queue),
  constraint paused_is_not_runnable check (not (paused and runnable))
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table public.jobforge_queues is
  'A tenant''s queue: its limits, and the scheduler''s state for it.';
comment on column public.jobforge_queues.weight is 'Share of the workers relative to other queues.';
comment on column public.jobforge_queues.rate_limit is
  'Starts per rate_period_ms, evenly spaced, with bursts of rate_burst (GCRA).';
comment on column public.jobforge_queues.vtime is
  'Virtual time: started jobs divided by weight. Claims serve the queue with the smallest first.';
comment on column public.jobforge_queues.claimed is
  'Jobs ever claimed. Both counters, queued and running, are computed from it.';
comment on column public.jobforge_queues.runnable is
  'Whether claims read the queue. False while it is empty, at its cap, throttled or paused.';
comment on column public.jobforge_queues.wake_at is 'When a throttled queue becomes runnable.';
comment on column public.jobforge_queues.tat is 'GCRA: theoretical arrival time of the next start.';
comment on column public.jobforge_queues.cursor_at is
  'Start of the cursor''s two seconds. Until they end, claims start at the cursor '
  '(cursor_priority, cursor_id), past dead index entries.';
create index jobforge_queues_turn_idx on public.jobforge_queues (runnable, vtime);
create index jobforge_queues_wake_idx on public.jobforge_queues (wake_at) where wake_at is not null;

create function jobforge.parking_lock()
returns int
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return 1246708225;
end
$$;
comment on function jobforge.parking_lock() is
  'Class of the lock that a transaction holds shared while it adds ready work to a queue. A claim '
  'that parks the queue holds it exclusively, so no queue is parked on stale data.';
