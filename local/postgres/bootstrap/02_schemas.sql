create schema auth authorization supabase_auth_admin;
create schema extensions;
create schema supabase_migrations authorization postgres;

grant usage on schema auth to anon, authenticated, service_role, postgres;
grant usage on schema extensions to anon, authenticated, service_role, postgres with grant option;
grant create on schema extensions to postgres;
grant usage on schema public to anon, authenticated, service_role;

create extension pgcrypto with schema extensions;
create extension "uuid-ossp" with schema extensions;

-- The Data API listens to `pgrst`. The platform, too, sends it every change of the schema.
create function extensions.pgrst_ddl_watch()
returns event_trigger
language plpgsql
as $$
begin
  if exists (
    select from pg_event_trigger_ddl_commands() where schema_name is distinct from 'pg_temp'
  ) then
    notify pgrst, 'reload schema';
  end if;
end
$$;

create function extensions.pgrst_drop_watch()
returns event_trigger
language plpgsql
as $$
begin
  if exists (select from pg_event_trigger_dropped_objects() where not is_temporary) then
    notify pgrst, 'reload schema';
  end if;
end
$$;

create event trigger pgrst_ddl_watch on ddl_command_end
  execute function extensions.pgrst_ddl_watch();
create event trigger pgrst_drop_watch on sql_drop
  execute function extensions.pgrst_drop_watch();

create table supabase_migrations.schema_migrations (
  version text primary key,
  statements text[],
  name text
);
alter table supabase_migrations.schema_migrations owner to postgres;

create schema jobforge_local;
comment on schema jobforge_local is 'Bookkeeping of the JobForge local stack; not part of a project.';
grant usage on schema jobforge_local to postgres;

create table jobforge_local.bootstrap (
  text_hash text primary key,
  seeded_at timestamptz
);
comment on table jobforge_local.bootstrap is 'The bootstrap this database was made with.';

create table jobforge_local.migrations (
  version text primary key,
  text_hash text not null
);
comment on table jobforge_local.migrations is
  'Hash of each migration as it was applied. A file that was edited since has another one.';
grant select, insert, update on jobforge_local.bootstrap, jobforge_local.migrations to postgres;
