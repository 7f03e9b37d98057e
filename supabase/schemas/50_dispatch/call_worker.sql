-- Call the worker with a one-time ticket.
--
-- A call is only a hint: it may be lost or repeated. Claims and leases keep the work correct.

create function jobforge.new_ticket()
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex')
$$;
comment on function jobforge.new_ticket() is 'Returns 32 bytes in hex, from 244 random bits.';

create function jobforge.call_worker(p_project_url text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ticket constant text := jobforge.new_ticket();
  v_run_id bigint;
begin
  insert into jobforge.runs (state, ticket_hash, created_at)
  values ('pending', sha256(convert_to(v_ticket, 'UTF8')), jobforge.clock())
  returning id into v_run_id;
  -- The call is sent when this transaction commits. It carries the run id and the ticket only.
  perform net.http_post(
    url := p_project_url || '/functions/v1/worker',
    body := jsonb_build_object('run_id', v_run_id, 'ticket', v_ticket),
    headers := '{"Content-Type": "application/json"}'::jsonb,
    timeout_milliseconds := 5000);
end
$$;
comment on function jobforge.call_worker(text) is
  'Creates a run and asks the worker, through pg_net, to redeem its ticket.';
