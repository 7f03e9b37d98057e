-- The runs.
--
-- A run is one worker invocation. Its lease covers every job that the run holds, and each of its
-- calls extends the lease. When the run ends, so do the leases of its jobs. Every call of a run
-- locks its row first.

create domain jobforge.run_state as text constraint state_is_known check (
  value in ('pending', 'live', 'finished', 'lost', 'undelivered'));
comment on domain jobforge.run_state is 'Where a run is in its life.';

create table jobforge.runs (
  id bigint generated always as identity primary key,
  state jobforge.run_state not null,
  worker text,
  ticket_hash bytea,
  capacity int not null default 0,
  held int not null default 0,
  alone boolean not null default false,
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
  constraint ticket_only_while_pending check ((state = 'pending') = (ticket_hash is not null)),
  constraint lease_only_while_live check ((state = 'live') = (lease_expires_at is not null)),
  constraint held_not_negative check (held >= 0)
) with (fillfactor = 50);
comment on table jobforge.runs is
  'One worker invocation: the hash of its ticket, its lease, its counters and why it ended.';
comment on column jobforge.runs.idle_at is
  'Since when the run holds nothing and found nothing. Enqueues count on the run for one second.';
comment on column jobforge.runs.polled_at is
  'When the run last asked for jobs. Enqueues count on its free slots for two seconds.';
comment on column jobforge.runs.alone is
  'Whether the jobs that the run last claimed were one quarantined job.';
create index runs_active_idx on jobforge.runs (state, created_at)
  where state in ('pending', 'live');

create sequence jobforge.lease_tokens;

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
