-- The queues: a tenant's settings, and beside them the scheduler's state for each queue.
--
-- Callers write settings and claims write state, so neither waits for the other. A queue is
-- runnable, or it sleeps: it is empty, at its cap, throttled or paused.

create table public.jobforge_queues (
  tenant_id uuid not null,
  queue jobforge.queue_name not null default 'default',
  weight jobforge.weight not null default 1,
  max_running jobforge.count,
  max_queued jobforge.count,
  rate_limit jobforge.positive,
  rate_period_ms jobforge.period_ms not null default 60000,
  rate_burst jobforge.positive not null default 1,
  paused boolean not null default false,
  constraint jobforge_queues_pkey primary key (tenant_id, queue)
);
comment on table public.jobforge_queues is 'A tenant''s queue and its limits.';
comment on column public.jobforge_queues.weight is 'Share of the workers relative to other queues.';
comment on column public.jobforge_queues.rate_limit is
  'Starts per rate_period_ms, evenly spaced, with bursts of rate_burst (GCRA).';

create table jobforge.queues (
  id int generated always as identity primary key,
  tenant_id uuid not null,
  queue jobforge.queue_name not null default 'default',
  vtime numeric not null default 0,
  claimed bigint not null default 0,
  runnable boolean not null default false,
  blocked boolean not null default false,
  capped boolean not null default false,
  wake_at timestamptz,
  tat timestamptz,
  tat_interval double precision,
  tat_at timestamptz,
  cursor_priority smallint,
  cursor_id uuid,
  cursor_at timestamptz,
  constraint queues_one_per_name unique (tenant_id, queue)
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table jobforge.queues is
  'The scheduler''s state for a queue. Only claims, finishing runs and the dispatcher write it.';
comment on column jobforge.queues.vtime is
  'Virtual time: started jobs divided by weight. Claims serve the queue with the smallest first. '
  'It is a decimal, because a float stops counting small shares after some years.';
comment on column jobforge.queues.claimed is
  'Jobs ever claimed. The number queued is computed from '
  'it.';
comment on column jobforge.queues.runnable is
  'Whether claims read the queue. False while it is empty, at its cap, throttled or paused.';
comment on column jobforge.queues.blocked is
  'Has ready jobs that its cap or its rate keeps back. An enqueue need not wake it.';
comment on column jobforge.queues.capped is
  'Has max_running, so the end of an attempt leaves a wake-up.';
comment on column jobforge.queues.wake_at is
  'When the next of its scheduled jobs is due or its rate allows a start.';
comment on column jobforge.queues.tat is 'GCRA: theoretical arrival time of the next start.';
comment on column jobforge.queues.tat_at is
  'When tat was computed. It lies in the future only after the clock was set back.';
comment on column jobforge.queues.tat_interval is
  'Seconds per start in tat. It is read in starts, so a changed rate keeps what was used.';
comment on column jobforge.queues.cursor_at is
  'Start of the cursor''s two seconds. Until they end, claims start at the cursor '
  '(cursor_priority, cursor_id), past dead index entries.';
create index queues_turn_idx on jobforge.queues (runnable, vtime);
create index queues_wake_idx on jobforge.queues (wake_at) where wake_at is not null;

create table jobforge.queue_deltas (
  queue_id int not null,
  enqueued bigint not null default 0,
  returned bigint not null default 0
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
alter table jobforge.queue_deltas replica identity full;
comment on table jobforge.queue_deltas is
  'Jobs that entered a queue: new ones, and those that came back or, when negative, left without a '
  'start. Callers only append, so none waits. The dispatcher compacts the rows of a queue into '
  'one.';
create index queue_deltas_queue_idx on jobforge.queue_deltas (queue_id);

create table jobforge.queue_slots (
  queue_id int not null,
  epoch bigint not null,
  free int not null,
  version bigint generated always as identity
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
alter table jobforge.queue_slots replica identity full;
comment on table jobforge.queue_slots is
  'The free places of a queue with max_queued, in several rows. An enqueue takes from a row that '
  'no other transaction holds. A start gives back.';
comment on column jobforge.queue_slots.version is
  'Grows with each change. So the row that a transaction changed last comes before the versions '
  'that it left behind.';
create index queue_slots_version_idx on jobforge.queue_slots (queue_id, version);
create index queue_slots_epoch_idx on jobforge.queue_slots (queue_id, epoch);
create index queue_slots_owed_idx on jobforge.queue_slots (queue_id) where free < 0;

create table jobforge.wakeups (
  id bigint generated always as identity primary key,
  queue_id int not null,
  ready boolean not null default true,
  type text
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table jobforge.wakeups is
  'Queues to look at. All but claims and the dispatcher only insert, so no caller waits for a '
  'queue. Queue zero stands for the newcomers.';
-- Each enqueue looks for a ready one, past those of all jobs that its transaction scheduled.
create index wakeups_queue_idx on jobforge.wakeups (queue_id, ready);
comment on column jobforge.wakeups.ready is
  'Whether there is work now, so that a worker is called.';
comment on column jobforge.wakeups.type is
  'The type of the work, so that no worker is called that cannot take it. Null means several.';

create table jobforge.parked_queues (
  queue_id int not null,
  horizon xid8
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
alter table jobforge.parked_queues replica identity full;
comment on table jobforge.parked_queues is
  'Queues that were found empty, while an enqueue that saw them awake may still be open. Claims '
  'only append.';
comment on column jobforge.parked_queues.horizon is
  'Once every transaction before it has ended, no such enqueue is left.';
create index parked_queues_queue_idx on jobforge.parked_queues (queue_id);
