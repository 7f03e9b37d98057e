-- Start a run: redeem a ticket, or start without one. This is where max_runs is enforced.
--
-- Starts pass one by one. Each updates one row first and then counts, so it counts every start
-- before it. At REPEATABLE READ and above, the second of two gets 40001 instead of an old count.

create function jobforge.lock_ticket(p_run_id bigint, p_ticket text, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  perform from jobforge.runs as r
  where r.id = p_run_id and r.state = 'pending'
    and r.created_at > p_now - interval '60 seconds'
    and r.ticket_hash = sha256(convert_to(p_ticket, 'UTF8'))
  for no key update;
  if not found then
    perform jobforge.fail('ticket_refused',
      'the ticket is unknown, used or older than 60 seconds');
  end if;
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is using this ticket: try again');
end
$$;
comment on function jobforge.lock_ticket(bigint, text, timestamptz) is
  'Locks the pending run of a ticket. Raises ticket_refused for any other ticket.';

create function jobforge.has_free_run(p_now timestamptz)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_max_runs constant int := (select settings.max_runs from jobforge.settings);
begin
  insert into jobforge.run_starts as starts (started) values (1)
  on conflict (id) do update set started = starts.started + 1;
  -- A silent run does not count, because its isolate is probably gone. However many are silent,
  -- twice max_runs is the end.
  return (
    select count(*) filter (where active_runs.counts_until >= p_now) < v_max_runs
      and count(*) filter (where active_runs.lease_expires_at >= p_now) < 2 * v_max_runs
    from jobforge.active_runs
    where active_runs.state = 'live');
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is starting a run: try again');
  return null;
end
$$;
comment on function jobforge.has_free_run(timestamptz) is
  'Locks the starts of runs, for this transaction, and returns whether one more may start.';

create function jobforge.types_taken(p_types jsonb, p_kind text)
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  -- A run that declares types takes no others, and none of another kind of worker.
  select case when p_types <> '[]' then array(
      select declared ->> 'type' from jsonb_array_elements(p_types) as declared
      where jsonb_typeof(declared -> 'type') = 'string'
        and coalesce(declared ->> 'runs_on', p_kind) = p_kind) end
$$;
comment on function jobforge.types_taken(jsonb, text) is
  'Returns the types that a run takes, of those that its worker declares. Null means all.';

create function jobforge.start_run(
  p_run_id bigint, p_ticket text, p_worker text, p_capacity int, p_types jsonb, p_kind text,
  p_version text)
returns table (run_id bigint, lease_seconds int, refusal text, message text)
language plpgsql
security definer -- redeems tickets, and no API role may write runs
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := jobforge.clock();
  v_lease_seconds constant int := (select settings.lease_seconds from jobforge.settings);
  v_lease_ends constant timestamptz := v_now + make_interval(secs => v_lease_seconds);
  v_types text[];
  v_has_ticket constant boolean := p_run_id is not null or p_ticket is not null;
  v_id bigint := p_run_id;
  v_message text;
  v_refusal text;
begin
  perform jobforge.require_service();
  if p_capacity is null or p_capacity not between 1 and 1000 then
    perform jobforge.fail('invalid_argument', 'p_capacity must be from 1 to 1000');
  elsif p_kind is null or p_kind not in ('edge', 'container') then
    perform jobforge.fail('invalid_argument', 'p_kind must be edge or container');
  end if;
  if v_has_ticket then
    perform jobforge.lock_ticket(p_run_id, p_ticket, v_now);
  end if;
  v_message := jobforge.version_problem(p_version);
  if v_message is not null then
    v_refusal := 'version_mismatch';
  else
    perform jobforge.declare_types(coalesce(p_types, '[]'));
    v_types := jobforge.types_taken(p_types, p_kind);
    if not jobforge.has_free_run(v_now) then
      v_refusal := 'runs_exhausted';
      v_message := 'max_runs runs are live: end one, or raise max_runs by jobforge_setup';
    end if;
  end if;
  if v_refusal is not null then
    if not v_has_ticket and v_refusal = 'version_mismatch' then
      perform jobforge.fail('version_mismatch', v_message);
    elsif not v_has_ticket then
      perform jobforge.fail('runs_exhausted', v_message);
    end if;
    -- An error would be undone together with the end of the ticket.
    update jobforge.runs as r
    set state = 'refused', ticket_hash = null, worker = left(p_worker, 200),
      worker_version = p_version, ended_at = v_now, end_reason = v_refusal
    where r.id = p_run_id;
    return query select null::bigint, null::int, v_refusal, v_message;
    return;
  end if;
  if v_has_ticket then
    update jobforge.runs as r
    set state = 'live', ticket_hash = null, worker = left(p_worker, 200), capacity = p_capacity,
      worker_version = p_version, kind = p_kind, types = v_types, started_at = v_now,
      lease_expires_at = v_lease_ends
    where r.id = p_run_id;
  else
    insert into jobforge.runs
      (state, kind, worker, worker_version, capacity, types, created_at, started_at,
        lease_expires_at)
    values ('live', p_kind, left(p_worker, 200), p_version, p_capacity, v_types, v_now, v_now,
      v_lease_ends)
    returning id into v_id;
  end if;
  return query select v_id, v_lease_seconds, null::text, null::text;
end
$$;
comment on function jobforge.start_run(bigint, text, text, int, jsonb, text, text) is
  'Workers: redeems a ticket once, or starts a run without one. With max_runs live runs, or for a '
  'version that this schema does not serve, a ticket is used up for nothing: run_id is null, and '
  'refusal is runs_exhausted or version_mismatch.';

create function public.jobforge_start_run(
  p_run_id bigint default null, p_ticket text default null, p_worker text default null,
  p_capacity int default 100, p_types jsonb default '[]', p_kind text default 'edge',
  p_version text default null)
returns table (run_id bigint, lease_seconds int, refusal text, message text)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$
  select * from jobforge.start_run(
    p_run_id, p_ticket, p_worker, p_capacity, p_types, p_kind, p_version)
$$;
comment on function public.jobforge_start_run(bigint, text, text, int, jsonb, text, text) is
  'Workers: redeems a ticket once, or starts a run without one. With max_runs live runs, or for a '
  'version that this schema does not serve, a ticket is used up for nothing: run_id is null, and '
  'refusal is runs_exhausted or version_mismatch.';
