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
  v_kept uuid[];
begin
  if v_ids = '{}' then
    return 0;
  end if;
  perform jobforge.cancel(v_operator, v_ids);
  v_ended := array(
    select j.id from jobforge.jobs as j
    where j.tenant_id = v_operator and j.id = any (v_ids) and j.finished_at is not null
    for update skip locked);
  -- A notification whose key another transaction holds stays until the next batch.
  v_kept := coalesce(jobforge.end_keys(v_operator, v_ended), '{}');
  return cardinality(v_ids) - jobforge.delete_jobs(v_operator, array(
    select ended.id from unnest(v_ended) as ended (id) where ended.id <> all (v_kept)));
end
$$;
comment on function jobforge.erase_notifications(uuid) is
  'Cancels and deletes alert notifications about a tenant. Returns how many are left: those that a '
  'run is sending.';
