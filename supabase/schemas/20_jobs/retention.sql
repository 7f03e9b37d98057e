-- Retention: delete expired jobs of all tenants, one bounded step at a time.

create table jobforge.retention (
  id boolean primary key default true,
  at_tenant uuid,
  after_id uuid,
  resting_until timestamptz,
  error text,
  constraint one_row check (id)
);
comment on table jobforge.retention is
  'The progress of the current pass over the finished jobs of all tenants: one row.';
comment on column jobforge.retention.error is
  'Why jobs of a tenant could not be deleted in this pass, for example against a foreign key of '
  'the application.';
insert into jobforge.retention default values;

create function jobforge.delete_expired_jobs(p_now timestamptz, p_budget int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before constant jsonb := (
    select jsonb_strip_nulls(jsonb_build_object(
      'succeeded', p_now - make_interval(days => settings.retention_succeeded_days),
      'failed', p_now - make_interval(days => settings.retention_unsuccessful_days),
      'dead', p_now - make_interval(days => settings.retention_unsuccessful_days),
      'canceled', p_now - make_interval(days => settings.retention_unsuccessful_days)))
    from jobforge.settings);
  v_pass jobforge.retention;
  v_deletion jobforge.deletion;
  v_left int := p_budget;
  v_deleted int := 0;
begin
  select retention.* into v_pass from jobforge.retention
  where coalesce(retention.resting_until not between p_now and p_now + interval '1 hour', true)
  for no key update skip locked;
  if not found or v_before = '{}' then
    return 0;
  end if;
  v_pass.resting_until := null;
  if v_pass.at_tenant is null then
    v_pass.error := null;
  end if;
  while v_left > 0 loop
    if v_pass.after_id is null then
      select j.tenant_id into v_pass.at_tenant from jobforge.jobs as j
      where j.tenant_id > coalesce(v_pass.at_tenant, '00000000-0000-0000-0000-000000000000')
      order by j.tenant_id
      limit 1;
      if not found then
        v_pass.at_tenant := null;
        v_pass.resting_until := p_now + interval '1 hour';
        exit;
      end if;
      v_pass.after_id := '00000000-0000-0000-0000-000000000000';
    end if;
    begin
      v_deletion := jobforge.delete_ended(v_pass.at_tenant, v_before, v_pass.after_id, v_left);
    exception when others then
      -- A trigger of the application, for example. The pass goes on with the next tenant.
      v_pass.error := coalesce(v_pass.error, jobforge.short_error(sqlstate, sqlerrm));
      v_deletion := null;
    end;
    v_pass.after_id := v_deletion.next;
    v_deleted := v_deleted + coalesce(v_deletion.deleted, 0);
    v_left := v_left - greatest(v_deletion.examined, 20);
  end loop;
  update jobforge.retention
  set at_tenant = v_pass.at_tenant, after_id = v_pass.after_id,
    resting_until = v_pass.resting_until, error = v_pass.error
  where retention.id;
  return v_deleted;
end
$$;
comment on function jobforge.delete_expired_jobs(timestamptz, int) is
  'Continues the pass over all tenants by at most p_budget jobs. The next pass starts an hour '
  'after it.';
