-- JobForge: multi-tenant background jobs on Supabase.
--
--     scheduled ──time──▶ queued ──claim──▶ running ──▶ succeeded
--         ▲                 ▲                 │ ├────▶ failed     the handler rejected it for good
--         └──retry, later───┴──retry, lease───┘ ├────▶ dead       all attempts are used
--                                               └────▶ canceled   also before it starts
--
-- Each folder is an area and each file one behavior. Files load in name order. Every change of
-- state is a function. The API roles hold no write privilege on any table. Public relations start
-- with jobforge_ and the schema jobforge is not exposed.
--
-- Every function pins its search_path with pg_temp last. Without it Postgres searches pg_temp
-- first, and a caller's temporary type could replace a real one.

create schema jobforge;
comment on schema jobforge is
  'JobForge internals: state, scheduler, dispatch. Not exposed by the Data API.';

-- On Supabase both extensions are available. In tests and the local stack, stand-ins may already
-- own these schemas. jobforge.setup() reports what is missing.
do $extensions$
begin
  if to_regnamespace('cron') is null then
    begin
      create extension if not exists pg_cron with schema pg_catalog;
    exception when others then raise notice 'pg_cron is not available here: %', sqlstate;
    end;
  end if;
  if to_regnamespace('net') is null then
    begin
      create schema if not exists extensions;
      create extension if not exists pg_net with schema extensions;
    exception when others then raise notice 'pg_net is not available here: %', sqlstate;
    end;
  end if;
end
$extensions$;
