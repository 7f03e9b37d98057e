-- Schedule a task with pg_cron, as often as the installed version can.

create function jobforge.schedule_task(p_name text, p_command text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform cron.schedule(p_name, '10 seconds', p_command);
exception when others then
  -- pg_cron before 1.5 rejects seconds. Another error comes again here.
  perform cron.schedule(p_name, '* * * * *', p_command);
end
$$;
comment on function jobforge.schedule_task(text, text) is
  'Runs a command every ten seconds, or every minute where pg_cron has no seconds.';
