-- The settings of a project: one row, written by setup and the configure functions.

create function jobforge.slug_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select '^[A-Za-z][A-Za-z0-9_-]{0,62}$' $$;
comment on function jobforge.slug_pattern() is
  'Regular expression for the slug of an Edge Function.';

create table jobforge.settings (
  id boolean primary key default true,
  project_url text,
  worker_function text not null default 'worker',
  max_runs int not null default 4,
  run_capacity int not null default 100,
  lease_seconds int not null default 45,
  max_schedules int not null default 20,
  retention_succeeded_days int default 30,
  retention_unsuccessful_days int default 90,
  retention_audit_days int,
  alert_tenant_id uuid,
  alert_destination text,
  users_manage_destinations boolean not null default false,
  retention_messages_days int not null default 30,
  constraint one_row check (id),
  constraint worker_function_is_a_slug check (worker_function ~ jobforge.slug_pattern()),
  constraint max_runs_in_range check (max_runs between 1 and 100),
  constraint run_capacity_in_range check (run_capacity between 1 and 1000),
  constraint lease_seconds_in_range check (lease_seconds between 5 and 3600),
  constraint max_schedules_not_negative check (max_schedules >= 0),
  constraint retention_succeeded_in_range check (retention_succeeded_days between 1 and 36500),
  constraint retention_unsuccessful_in_range
    check (retention_unsuccessful_days between 1 and 36500),
  constraint retention_audit_in_range check (retention_audit_days between 1 and 36500),
  constraint retention_messages_in_range check (retention_messages_days between 7 and 3650)
);
comment on table jobforge.settings is 'The settings of the project: one row.';
comment on column jobforge.settings.worker_function is
  'The slug of the worker among the project''s Edge Functions.';
comment on column jobforge.settings.max_schedules is
  'How many schedules a tenant may create itself.';
comment on column jobforge.settings.retention_unsuccessful_days is
  'For how many days failed, dead and canceled jobs are kept. Null keeps them forever.';
comment on column jobforge.settings.retention_audit_days is
  'For how many days audit entries are kept. Null, the default, keeps them forever.';
comment on column jobforge.settings.alert_tenant_id is
  'The operator''s own tenant. Its webhook destination alert_destination receives the alert '
  'notifications. Null sends none.';
comment on column jobforge.settings.users_manage_destinations is
  'Whether users create, change, pause and delete the webhook destinations of their tenant. '
  'Otherwise only services do.';
comment on column jobforge.settings.retention_messages_days is
  'For how many days published messages and their deliveries are kept.';
insert into jobforge.settings default values;
