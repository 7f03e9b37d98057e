-- Start a run: redeem a ticket, or start without one.

create function jobforge.start_run(
  p_run_id bigint, p_ticket text, p_worker text, p_capacity int, p_types jsonb)
returns table (run_id bigint, lease_seconds int)
language plpgsql
security definer -- redeems tickets, and no API role may write runs
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := jobforge.clock();
  v_lease constant interval := (
    select make_interval(secs => settings.lease_seconds) from jobforge.settings);
  v_id bigint;
begin
  perform jobforge.require_service();
  if p_capacity is null or p_capacity not between 1 and 1000 then
    perform jobforge.fail('invalid_argument', 'p_capacity must be from 1 to 1000');
  end if;
  if p_run_id is null and p_ticket is null then
    insert into jobforge.runs (state, worker, capacity, created_at, started_at, lease_expires_at)
    values ('live', left(p_worker, 200), p_capacity, v_now, v_now, v_now + v_lease)
    returning id into v_id;
  else
    update jobforge.runs as r
    set state = 'live', ticket_hash = null, worker = left(p_worker, 200), capacity = p_capacity,
      started_at = v_now, lease_expires_at = v_now + v_lease
    where r.id = p_run_id and r.state = 'pending'
      and r.created_at > v_now - interval '60 seconds'
      and r.ticket_hash = sha256(convert_to(p_ticket, 'UTF8'))
    returning r.id into v_id;
    if v_id is null then
      perform jobforge.fail('ticket_refused',
        'the ticket is unknown, used or older than 60 seconds');
    end if;
  end if;
  perform jobforge.declare_types(coalesce(p_types, '[]'));
  return query select v_id, settings.lease_seconds from jobforge.settings;
end
$$;
comment on function jobforge.start_run(bigint, text, text, int, jsonb) is
  'Workers: redeems a ticket once, or starts a run without one.';

create function public.jobforge_start_run(
  p_run_id bigint default null, p_ticket text default null, p_worker text default null,
  p_capacity int default 100, p_types jsonb default '[]')
returns table (run_id bigint, lease_seconds int)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.start_run(p_run_id, p_ticket, p_worker, p_capacity, p_types) $$;
comment on function public.jobforge_start_run(bigint, text, text, int, jsonb) is
  'Workers: redeems a ticket once, or starts a run without one.';
