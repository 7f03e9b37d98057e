-- Readmit an erased tenant.

create function jobforge.readmit_tenant(p_tenant_id uuid)
returns void
language plpgsql
security definer -- readmits a tenant
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_erasure jobforge.erasures;
begin
  perform jobforge.require_service();
  select * into v_erasure from jobforge.erasures
  where tenant_hash = jobforge.tenant_hash(p_tenant_id) and readmitted_at is null
  for no key update;
  if not found then
    perform jobforge.fail('not_found', 'the tenant was not erased');
  elsif v_erasure.finished_at is null then
    perform jobforge.fail('wrong_state', 'the erasure has not finished');
  end if;
  update jobforge.erasures set readmitted_at = jobforge.clock() where id = v_erasure.id;
  perform jobforge.audit('readmit_tenant', p_tenant_id, 'erasure ' || v_erasure.id, null);
exception when lock_not_available then
  perform jobforge.fail('busy',
    'another transaction is erasing or readmitting the tenant: try again');
end
$$;
comment on function jobforge.readmit_tenant(uuid) is
  'Operators: lets an erased tenant enqueue again. Its erased rows stay erased.';

create function public.jobforge_readmit_tenant(p_tenant_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.readmit_tenant(p_tenant_id) $$;
comment on function public.jobforge_readmit_tenant(uuid) is
  'Operators: lets an erased tenant enqueue again.';
