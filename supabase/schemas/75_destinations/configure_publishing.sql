-- Configure publishing: who manages destinations, and for how long messages are kept.

create function jobforge.configure_publishing(p_settings jsonb)
returns jsonb
language plpgsql
security definer -- writes settings
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_schema constant jsonb := '{"type": "object", "required": [], "keys": {
    "users_manage_destinations": {"type": "boolean"},
    "retention_days": {"type": "number", "min": 7, "max": 3650}}}';
  v_problem text;
  v_before jsonb;
  v_after jsonb;
begin
  perform jobforge.require_service();
  v_problem := case when jobforge.jsonb_fits(p_settings, 4096) is not true
    then 'p_settings must be an object of at most 4096 bytes'
    else jobforge.validation_error('p_settings', p_settings, v_schema) end;
  if v_problem is not null then
    perform jobforge.fail('invalid_argument', v_problem);
  end if;
  select jsonb_build_object('users_manage_destinations', settings.users_manage_destinations,
    'retention_days', settings.retention_messages_days) into v_before
  from jobforge.settings for no key update;
  v_after := v_before || p_settings;
  update jobforge.settings
  set users_manage_destinations = (v_after ->> 'users_manage_destinations')::boolean,
    retention_messages_days = (v_after ->> 'retention_days')::numeric
  where settings.id;
  perform jobforge.audit_change('configure_publishing', null, null, v_before, v_after);
  return v_after;
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing these settings: try again');
  return null;
end
$$;
comment on function jobforge.configure_publishing(jsonb) is
  'Operators: sets whether users manage the destinations of their tenant, and for how many days '
  'messages are kept. Returns all these settings.';

create function public.jobforge_configure_publishing(p_settings jsonb)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.configure_publishing(p_settings) $$;
comment on function public.jobforge_configure_publishing(jsonb) is
  'Operators: sets whether users manage webhook destinations, and for how many days messages are '
  'kept.';
