-- Readmit an erased tenant.

create function jobforge.readmit_tenant(p_tenant_id uuid)
returns void
language plpgsql
security definer -- lets a tenant in again
set search_path = pg_catalog, pg_temp
as $$
declare
  v_erasure jobforge.erasures;
begin
  perform jobforge.require_service();
  select e.* into v_erasure from jobforge.erasures as e
  where e.tenant_hash = jobforge.tenant_hash(p_tenant_id) and e.readmitted_at is null
  for no key update;
  if not found then
    perform jobforge.fail('not_found', 'the tenant was not erased');
  elsif v_erasure.finished_at is null then
    perform jobforge.fail('wrong_state', 'the erasure has not finished');
  end if;
  update jobforge.erasures as e set readmitted_at = jobforge.clock() where e.id = v_erasure.id;
  perform jobforge.audit('readmit_tenant', p_tenant_id, 'erasure ' || v_erasure.id, null);
end
$$;
comment on function jobforge.readmit_tenant(uuid) is
  'Operators: an erased tenant may enqueue again; what was erased stays erased.';

create function public.jobforge_readmit_tenant(p_tenant_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.readmit_tenant(p_tenant_id) $$;
comment on function public.jobforge_readmit_tenant(uuid) is
  'Operators: lets an erased tenant enqueue again.';
