-- The runs.
--
-- A run is one worker invocation. Its lease covers every job that the run holds, and each of its
-- calls extends the lease. When the run ends, so do the leases of its jobs. Every call of a run
-- locks its row first.

create domain jobforge.run_state as text constraint state_is_known check (
  value in ('pending', 'live', 'finished', 'lost', 'undelivered', 'refused'));
comment on domain jobforge.run_state is
  'Where a run is in its life. A refused run had its ticket redeemed while max_runs runs were '
  'live, or by a worker whose version the schema does not serve.';

create table jobforge.runs (
  id bigint generated always as identity primary key,
  state jobforge.run_state not null,
  kind jobforge.worker_kind not null default 'edge',
  worker text,
  worker_version text,
  ticket_hash bytea,
  capacity int not null default 0,
  held int not null default 0,
  alone boolean not null default false,
  types text[],
  turn_floor numeric,
  turn_floor_at timestamptz,
  overdue_at timestamptz,
  claimed bigint not null default 0,
  settled bigint not null default 0,
  polled_at timestamptz,
  idle_at timestamptz,
  created_at timestamptz not null,
  started_at timestamptz,
  lease_expires_at timestamptz,
  ended_at timestamptz,
  end_reason text,
  cpu_ms int,
  call_slot bigint,
  request_id bigint,
  answer_status int,
  answer_error text,
  answer_timed_out boolean,
  answered_at timestamptz
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table jobforge.runs is
  'One worker invocation: the hash of its ticket, its lease, its counters and why it ended.';
comment on column jobforge.runs.kind is
  'The kind of its worker. The dispatcher calls edge workers only.';
comment on column jobforge.runs.worker_version is
  'The version of JobForge that its worker reported. Null: it reported none.';
comment on column jobforge.runs.idle_at is
  'Since when the run holds nothing and found nothing. Enqueues count on a run of the edge for one '
  'second more.';
comment on column jobforge.runs.polled_at is
  'When the run last asked for jobs. Enqueues count on its free slots for three seconds.';
comment on column jobforge.runs.alone is
  'Whether the jobs that the run last claimed were one quarantined job.';
comment on column jobforge.runs.types is
  'The job types that the run takes. Null means all.';
comment on column jobforge.runs.turn_floor is
  'The smallest virtual time that the run met. For two seconds its claims read no queue before it, '
  'past dead index entries.';
comment on column jobforge.runs.overdue_at is
  'No job of the run is a minute past its timeout before this time.';
comment on column jobforge.runs.call_slot is
  'The slot of the call: its second since 1970, times 256, plus a number from 1 to max_runs. Null '
  'for a run that no call of the database asked for.';
comment on column jobforge.runs.request_id is
  'The id that pg_net gave the call. Null when pg_net did not accept it: see answer_error.';
comment on column jobforge.runs.answer_error is
  'Why the call failed: an error of the database or of pg_net, or the body of an HTTP error.';
-- Neither CHECKs nor partial indexes: each call of a run updates its row, and they cost a tenth of
-- the call.
create index runs_active_idx on jobforge.runs (state, created_at);
create index runs_calls_idx on jobforge.runs (call_slot);
create index runs_unanswered_idx on jobforge.runs (answered_at, request_id);

create table jobforge.run_starts (
  id boolean primary key default true,
  started bigint not null,
  constraint one_row check (id)
) with (fillfactor = 10);
comment on table jobforge.run_starts is
  'How many runs ever started: one row. Starts lock it, so that each counts all before it.';


create function jobforge.lock_live_run(p_run_id bigint)
returns jobforge.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run jobforge.runs;
begin
  if jobforge.require_service() then
    select r.* into v_run from jobforge.runs as r where r.id = p_run_id for no key update;
  end if;
  if v_run.state is distinct from 'live' then
    perform jobforge.fail('run_ended', 'the run is not live: its leases are void');
  end if;
  return v_run;
end
$$;
comment on function jobforge.lock_live_run(bigint) is
  'Locks a live run for the rest of the transaction and returns it. Raises run_ended otherwise.';
