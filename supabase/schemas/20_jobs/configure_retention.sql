-- Configure retention: how many days finished jobs are kept.

create function jobforge.configure_retention(p_succeeded_days int, p_unsuccessful_days int)
returns jsonb
language plpgsql
security definer -- writes settings
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_before jsonb;
  v_after jsonb;
begin
  perform jobforge.require_service();
  if p_succeeded_days not between 1 and 36500 or p_unsuccessful_days not between 1 and 36500 then
    perform jobforge.fail('invalid_argument',
      'p_succeeded_days and p_unsuccessful_days must be from 1 to 36500, or null to keep jobs');
  end if;
  select jsonb_build_object('succeeded_days', settings.retention_succeeded_days,
    'unsuccessful_days', settings.retention_unsuccessful_days) into v_before
  from jobforge.settings for no key update;
  update jobforge.settings
  set retention_succeeded_days = p_succeeded_days,
    retention_unsuccessful_days = p_unsuccessful_days
  where settings.id
  returning jsonb_build_object('succeeded_days', settings.retention_succeeded_days,
    'unsuccessful_days', settings.retention_unsuccessful_days) into v_after;
  perform jobforge.audit_change('configure_retention', null, null, v_before, v_after);
  return v_after;
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing these settings: try again');
  return null;
end
$$;
comment on function jobforge.configure_retention(int, int) is
  'Operators: sets for how many days finished jobs are kept. Null keeps them forever.';

create function public.jobforge_configure_retention(p_succeeded_days int, p_unsuccessful_days int)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.configure_retention(p_succeeded_days, p_unsuccessful_days) $$;
comment on function public.jobforge_configure_retention(int, int) is
  'Operators: sets for how many days finished jobs are kept. Null keeps them forever.';
