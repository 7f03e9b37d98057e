-- JobForge, chapter 39: the public functions for schedules, bulk changes and operations.

create function public.jobforge_configure_schedule(
  p_tenant_id uuid default null, p_name text default null, p_settings jsonb default '{}',
  p_fan_out boolean default false)
returns setof public.jobforge_schedules
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.configure_schedule(p_tenant_id, p_name, p_settings, p_fan_out) $$;
comment on function public.jobforge_configure_schedule(uuid, text, jsonb, boolean) is
  'Makes a schedule or changes its settings, paused among them. Services: p_fan_out for all tenants.';

create function public.jobforge_delete_schedule(p_schedule_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.delete_schedule(p_schedule_id) $$;
comment on function public.jobforge_delete_schedule(uuid) is 'Deletes a schedule; its jobs stay.';

create function public.jobforge_run_schedule(p_schedule_id uuid)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.run_schedule(p_schedule_id) $$;
comment on function public.jobforge_run_schedule(uuid) is 'Starts the job of a schedule now.';

create function public.jobforge_next_runs(p_schedule_id uuid, p_count int default 5)
returns setof timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.next_runs(p_schedule_id, p_count) $$;
comment on function public.jobforge_next_runs(uuid, int) is 'The next occurrences of a schedule.';

create function public.jobforge_retry_jobs(
  p_tenant_id uuid default null, p_filter jsonb default '{}', p_after uuid default null,
  p_limit int default 1000, p_dry_run boolean default true)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.retry_jobs(p_tenant_id, p_filter, p_after, p_limit, p_dry_run) $$;
comment on function public.jobforge_retry_jobs(uuid, jsonb, uuid, int, boolean) is
  'Redrives dead and failed jobs by filter. Tells only which, unless p_dry_run is false.';

create function public.jobforge_cancel_jobs(
  p_tenant_id uuid default null, p_filter jsonb default '{}', p_after uuid default null,
  p_limit int default 1000, p_dry_run boolean default true)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.cancel_jobs(p_tenant_id, p_filter, p_after, p_limit, p_dry_run) $$;
comment on function public.jobforge_cancel_jobs(uuid, jsonb, uuid, int, boolean) is
  'Cancels queued and running jobs by filter. Tells only which, unless p_dry_run is false.';

create function public.jobforge_fill_calendar(p_filled jsonb default '[]')
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.fill_calendar(p_filled) $$;
comment on function public.jobforge_fill_calendar(jsonb) is
  'Workers: hands in occurrences of schedules; answers with schedules that need some.';

create function public.jobforge_cleanup(
  p_tenant_id uuid, p_retention_days int, p_statuses text[], p_after uuid default null,
  p_limit int default 1000)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.cleanup(p_tenant_id, p_retention_days, p_statuses, p_after, p_limit) $$;
comment on function public.jobforge_cleanup(uuid, int, text[], uuid, int) is
  'Workers: deletes one batch of a tenant''s ended jobs; the answer says where to go on.';

create function public.jobforge_configure_retention(p_succeeded_days int, p_unsuccessful_days int)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.configure_retention(p_succeeded_days, p_unsuccessful_days) $$;
comment on function public.jobforge_configure_retention(int, int) is
  'Operators: how many days ended jobs are kept; null: for ever.';

create function public.jobforge_erase_tenant(p_tenant_id uuid, p_limit int default 1000)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.erase_tenant(p_tenant_id, p_limit) $$;
comment on function public.jobforge_erase_tenant(uuid, int) is
  'Operators: erases everything about a tenant, batch by batch, until the state is finished.';

create function public.jobforge_readmit_tenant(p_tenant_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.readmit_tenant(p_tenant_id) $$;
comment on function public.jobforge_readmit_tenant(uuid) is
  'Operators: lets an erased tenant enqueue again.';

create function public.jobforge_verify_audit(
  p_after_seq bigint default 0, p_limit int default 100000, p_known_seq bigint default null,
  p_known_hash text default null)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.verify_audit(p_after_seq, p_limit, p_known_seq, p_known_hash) $$;
comment on function public.jobforge_verify_audit(bigint, int, bigint, text) is
  'Operators: whether the audit log was changed, cut or added to; also against a head noted before.';
