-- Cancel jobs by filter.

create function jobforge.cancel_jobs(
  p_tenant_id uuid, p_filter jsonb, p_after uuid, p_limit int, p_dry_run boolean)
returns jsonb
language sql volatile
security definer -- writes jobs, bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
  select jobforge.change_jobs('cancel_jobs', jobforge.callers_tenant(p_tenant_id),
    p_filter, p_after, p_limit, p_dry_run)
$$;
comment on function jobforge.cancel_jobs(uuid, jsonb, uuid, int, boolean) is
  'Users: cancels queued and running jobs by filter.';

create function public.jobforge_cancel_jobs(
  p_tenant_id uuid default null, p_filter jsonb default '{}', p_after uuid default null,
  p_limit int default 1000, p_dry_run boolean default true)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$ select jobforge.cancel_jobs(p_tenant_id, p_filter, p_after, p_limit, p_dry_run) $$;
comment on function public.jobforge_cancel_jobs(uuid, jsonb, uuid, int, boolean) is
  'Users: cancels queued and running jobs by filter. Only reports them unless p_dry_run is '
  'false.';
