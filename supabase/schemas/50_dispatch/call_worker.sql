-- Call the worker with a one-time ticket.
--
-- A call is only a hint: it may be lost or repeated. Claims and leases keep the work correct. So
-- nothing that goes wrong outside of JobForge may fail the transaction that calls.

create function jobforge.new_ticket()
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex')
$$;
comment on function jobforge.new_ticket() is 'Returns 32 bytes in hex, from 244 random bits.';

create type jobforge.posted as (request_id bigint, error text);
comment on type jobforge.posted is 'The id that pg_net gave a request, or why it accepted none.';

create function jobforge.try_post(p_url text, p_body jsonb)
returns jobforge.posted
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '250ms'
as $$
begin
  -- The request is sent when this transaction commits.
  return row(net.http_post(url := p_url, body := p_body,
    headers := '{"Content-Type": "application/json"}'::jsonb,
    timeout_milliseconds := 5000), null)::jobforge.posted;
exception when others then
  return row(null, jobforge.short_error(sqlstate, sqlerrm))::jobforge.posted;
end
$$;
comment on function jobforge.try_post(text, jsonb) is
  'Posts through pg_net. A missing extension, right or table, a trigger or a lock fails no caller.';

create function jobforge.worker_path()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select '/functions/v1/' || settings.worker_function from jobforge.settings $$;
comment on function jobforge.worker_path() is
  'Returns the path of the worker, after the URL of the project.';

create function jobforge.call_worker(p_project_url text, p_slot bigint default null)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ticket constant text := jobforge.new_ticket();
  v_run_id constant bigint := nextval(pg_get_serial_sequence('jobforge.runs', 'id'));
  v_now constant timestamptz := jobforge.clock();
  v_posted jobforge.posted;
begin
  -- The call carries the run id and the ticket only.
  v_posted := jobforge.try_post(p_project_url || jobforge.worker_path(),
    jsonb_build_object('run_id', v_run_id, 'ticket', v_ticket));
  insert into jobforge.runs (id, state, ticket_hash, created_at, call_slot, request_id,
    answer_error, answered_at)
  overriding system value
  values (v_run_id, 'pending', sha256(convert_to(v_ticket, 'UTF8')), v_now,
    coalesce(p_slot, jobforge.first_slot(v_now)), v_posted.request_id, v_posted.error,
    case when v_posted.error is not null then v_now end);
  return v_run_id;
end
$$;
comment on function jobforge.call_worker(text, bigint) is
  'Creates a run, asks the worker through pg_net to redeem its ticket, and returns the run''s id.';
