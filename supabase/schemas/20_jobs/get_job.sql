-- Get one job: its state with its result, in one answer.
--
-- A call is a POST, so it never reaches a read replica, where a job, its end and its result arrive
-- one after the other.

create function jobforge.get_job(
  p_job_id uuid, p_tenant_id uuid, p_payload boolean, p_as_text boolean)
returns json
language plpgsql stable
security definer -- reads jobs and results, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job constant public.jobforge_jobs := jobforge.find_job(p_job_id, p_tenant_id);
  v_result constant jsonb := (
    select jobforge_job_results.result from public.jobforge_job_results
    where jobforge_job_results.tenant_id = v_job.tenant_id
      and jobforge_job_results.job_id = v_job.id);
begin
  return to_jsonb(v_job) - '{payload,progress}'::text[]
    || case when p_as_text
      then jsonb_build_object('progress', v_job.progress::text, 'result', v_result::text)
      else jsonb_build_object('progress', v_job.progress, 'result', v_result) end
    || case when p_payload and p_as_text then jsonb_build_object('payload', v_job.payload::text)
      when p_payload then jsonb_build_object('payload', v_job.payload)
      else '{}' end;
end
$$;
comment on function jobforge.get_job(uuid, uuid, boolean, boolean) is
  'Users: one job with its result, which is null until it has succeeded and when it has none.';

create function public.jobforge_get_job(p_job_id uuid, p_tenant_id uuid default null,
  p_payload boolean default false, p_as_text boolean default false)
returns json
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.get_job(p_job_id, p_tenant_id, p_payload, p_as_text) $$;
comment on function public.jobforge_get_job(uuid, uuid, boolean, boolean) is
  'Users: one job with its result. p_payload adds its payload. With p_as_text the payload, the '
  'progress and the result are texts of JSON, for a caller whose parser rounds numbers.';
