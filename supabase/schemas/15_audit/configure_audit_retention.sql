-- Configure the retention of the audit log.

create function jobforge.configure_audit_retention(p_days int)
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
  if p_days not between 1 and 36500 then
    perform jobforge.fail('invalid_argument',
      format('p_days must be from 1 to 36500, or null to keep entries forever. It was %s', p_days));
  end if;
  select jsonb_build_object('days', settings.retention_audit_days) into v_before
  from jobforge.settings for no key update;
  update jobforge.settings set retention_audit_days = p_days
  where settings.id
  returning jsonb_build_object('days', settings.retention_audit_days) into v_after;
  perform jobforge.audit_change('configure_audit_retention', null, null, v_before, v_after);
  return v_after;
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing these settings: try again');
  return null;
end
$$;
comment on function jobforge.configure_audit_retention(int) is
  'Operators: sets for how many days audit entries are kept. Null keeps them forever, and is the '
  'default.';

create function public.jobforge_configure_audit_retention(p_days int)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.configure_audit_retention(p_days) $$;
comment on function public.jobforge_configure_audit_retention(int) is
  'Operators: sets for how many days audit entries are kept. Null keeps them forever, and is the '
  'default.';
