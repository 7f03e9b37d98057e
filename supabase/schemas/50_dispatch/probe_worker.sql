-- Probe the worker: send it a ticket, then read whether the ticket was redeemed.

create function jobforge.probe_worker(p_run_id bigint)
returns json
language plpgsql
security definer -- creates a ticket, reads runs
set search_path = pg_catalog, pg_temp
as $$
declare
  v_url constant text := (select settings.project_url from jobforge.settings);
  v_run jobforge.runs;
begin
  perform jobforge.require_service();
  if p_run_id is null then
    if v_url is null or 'pg_net' = any (jobforge.missing_extensions()) then
      perform jobforge.fail('wrong_state', 'the project URL is not set: run jobforge_setup');
    end if;
    perform jobforge.call_worker(v_url);
    select r.* into v_run from jobforge.runs as r
    where r.id = currval(pg_get_serial_sequence('jobforge.runs', 'id'));
  else
    select r.* into v_run from jobforge.runs as r where r.id = p_run_id;
  end if;
  if v_run.id is null then
    perform jobforge.fail('not_found', 'there is no such run');
  end if;
  return json_build_object('run_id', v_run.id, 'state', v_run.state);
end
$$;
comment on function jobforge.probe_worker(bigint) is
  'Operators: sends the worker a ticket when p_run_id is null. Returns the state of the run.';

create function public.jobforge_probe_worker(p_run_id bigint default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.probe_worker(p_run_id) $$;
comment on function public.jobforge_probe_worker(bigint) is
  'Operators: sends the worker a ticket, or returns the state of the run that a ticket belongs to.';
