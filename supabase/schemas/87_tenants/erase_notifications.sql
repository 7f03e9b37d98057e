-- Erase notifications: alerts about the tenant became jobs of the operator's own tenant.

create function jobforge.erase_notifications(p_tenant_id uuid)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_operator constant uuid := (select settings.alert_tenant_id from jobforge.settings);
  v_ids constant uuid[] := array(
    select j.id from jobforge.jobs as j
    where j.tenant_id = v_operator and j.type = 'connector.webhook.deliver'
      and j.payload #>> '{data,tenant_id}' = p_tenant_id::text);
  v_ended uuid[];
begin
  if v_ids = '{}' then
    return 0;
  end if;
  perform jobforge.cancel(v_operator, v_ids);
  with ended as (
    delete from jobforge.jobs as j
    where j.tenant_id = v_operator and j.id = any (v_ids) and j.finished_at is not null
    returning j.id
  )
  select coalesce(array_agg(ended.id), '{}') into v_ended from ended;
  delete from jobforge.unsuccessful_jobs
  where unsuccessful_jobs.tenant_id = v_operator and unsuccessful_jobs.id = any (v_ended);
  delete from jobforge.unsuccessful_attempts as a
  where a.tenant_id = v_operator and a.job_id = any (v_ended);
  delete from public.jobforge_job_results
  where jobforge_job_results.tenant_id = v_operator
    and jobforge_job_results.job_id = any (v_ended);
  return cardinality(v_ids) - cardinality(v_ended);
end
$$;
comment on function jobforge.erase_notifications(uuid) is
  'Cancels and deletes alert notifications about a tenant. Returns how many are left: those that a '
  'run is sending.';
