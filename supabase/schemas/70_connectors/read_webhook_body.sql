-- Read the stored body of a webhook: for the run that holds its job, part by part.

create function jobforge.read_webhook_body(
  p_run_id bigint, p_lease_token bigint, p_job_id uuid, p_from int)
returns text
language plpgsql stable
security definer -- reads the body of a job that the run holds
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id uuid;
  v_part text;
begin
  perform jobforge.require_service();
  if p_from is null or p_from < 0 then
    perform jobforge.fail('invalid_argument', 'p_from must be 0 or more');
  end if;
  -- Without the lock of the run, which its reports would wait for.
  select leases.tenant_id into v_tenant_id
  from jobforge.leases
  join jobforge.runs as r on r.id = leases.run_id
  where leases.run_id = p_run_id and leases.token = p_lease_token
    and p_job_id = any (leases.ids) and r.state = 'live';
  if not found then
    perform jobforge.fail('run_ended', 'the run does not hold this job under this lease token');
  end if;
  select replace(encode(substr(webhook_bodies.body, p_from + 1, 1572864), 'base64'), E'\n', '')
  into v_part
  from jobforge.webhook_bodies
  where webhook_bodies.tenant_id = v_tenant_id and webhook_bodies.job_id = p_job_id;
  if not found then
    perform jobforge.fail('not_found', 'no body is stored for this job');
  end if;
  return v_part;
end
$$;
comment on function jobforge.read_webhook_body(bigint, bigint, uuid, int) is
  'Workers: returns up to 1.5 MiB of the stored body of a job that the run holds, from a byte on, '
  'in base64. The text is empty at the end.';

create function public.jobforge_read_webhook_body(
  p_run_id bigint, p_lease_token bigint, p_job_id uuid, p_from int default 0)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.read_webhook_body(p_run_id, p_lease_token, p_job_id, p_from) $$;
comment on function public.jobforge_read_webhook_body(bigint, bigint, uuid, int) is
  'Workers: returns a part of the stored body of a job that the run holds, in base64.';
