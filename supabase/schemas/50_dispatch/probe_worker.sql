-- Probe the worker: send it a ticket, then read whether the ticket was redeemed.

create function jobforge.probe_worker(p_run_id bigint)
returns json
language plpgsql
security definer -- creates a ticket, reads runs
set search_path = pg_catalog, pg_temp
as $$
declare
  v_url constant text := (select settings.project_url from jobforge.settings);
  v_run_id bigint := p_run_id;
begin
  perform jobforge.require_service();
  if p_run_id is null then
    if v_url is null then
      perform jobforge.fail('wrong_state', 'the project URL is not set: run jobforge_setup');
    end if;
    v_run_id := jobforge.call_worker(v_url);
  elsif not exists (select from jobforge.runs as r where r.id = p_run_id) then
    perform jobforge.fail('not_found', 'there is no such run');
  end if;
  return (
    select json_build_object('run_id', answer -> 'run_id', 'state', answer ->> 'state',
      'answer', answer - '{run_id,state,called_at}'::text[])
    from jobforge.answer_of(v_run_id) as answer);
end
$$;
comment on function jobforge.probe_worker(bigint) is
  'Operators: sends the worker a ticket when p_run_id is null. Returns the state of the run, and '
  'what pg_net knows of the call.';

create function public.jobforge_probe_worker(p_run_id bigint default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.probe_worker(p_run_id) $$;
comment on function public.jobforge_probe_worker(bigint) is
  'Operators: sends the worker a ticket, or returns the state of the run that a ticket belongs to, '
  'and what pg_net knows of the call.';
