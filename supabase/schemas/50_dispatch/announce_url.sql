-- Announce the URL: the first function that is called stores where a new project is.
--
-- A preview branch, a restored and a self-hosted project start without a URL. Their functions know
-- it from their own environment and prove with the secret key that they belong to this database.

create function jobforge.announce_url(p_project_url text)
returns boolean
language plpgsql
security definer -- writes settings, schedules the dispatcher
set search_path = pg_catalog, pg_temp
as $$
begin
  perform jobforge.require_service();
  -- The first one does it. Others neither wait for it nor repeat it, nor replace what an operator
  -- stores at this moment.
  perform from jobforge.settings
  where settings.id and settings.project_url is null
  for update skip locked;
  if not found then
    return false;
  end if;
  perform jobforge.setup(p_project_url);
  return true;
end
$$;
comment on function jobforge.announce_url(text) is
  'Workers: stores the URL of a project that has none, as setup does, and returns whether it did. '
  'A URL that is stored stays.';

create function public.jobforge_announce_url(p_project_url text)
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.announce_url(p_project_url) $$;
comment on function public.jobforge_announce_url(text) is
  'Workers: stores the URL of a project that has none, as setup does, and returns whether it did. '
  'A URL that is stored stays.';
