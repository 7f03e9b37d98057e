-- JobForge: uninstall
--
-- Removes the schema, its data, its cron jobs and its secrets. The extensions stay: others may use
-- them. Fails, and then changes nothing, while a job is scheduled, queued or running.

do $open$
begin
  if exists (select from public.jobforge_jobs where finished_at is null) then
    raise exception 'jobs are open: cancel them or let them end, or remove this check from the file'
      using errcode = '55000';
  end if;
end
$open$;

do $uninstall$
declare
  v_statement text;
begin
  if to_regclass('cron.job') is not null then
    perform cron.unschedule(job.jobid) from cron.job where starts_with(job.jobname, 'jobforge-');
  end if;
  if to_regclass('vault.secrets') is not null then
    delete from vault.secrets where starts_with(secrets.name, 'jobforge/');
  end if;
  for v_statement in
    select format('drop function if exists %s cascade', pg_proc.oid::regprocedure)
    from pg_proc
    where pg_proc.pronamespace = 'public'::regnamespace
      and starts_with(pg_proc.proname, 'jobforge_')
    union all
    select format('drop %s if exists %s cascade',
      case pg_class.relkind when 'v' then 'view' else 'table' end, pg_class.oid::regclass)
    from pg_class
    where pg_class.relnamespace = 'public'::regnamespace and pg_class.relkind in ('r', 'p', 'v')
      and starts_with(pg_class.relname, 'jobforge_')
  loop
    execute v_statement;
  end loop;
  drop schema if exists jobforge cascade;
end
$uninstall$;
