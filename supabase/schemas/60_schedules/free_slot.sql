-- Free slot: users create at most max_schedules schedules a tenant.

create function jobforge.free_slot(p_tenant_id uuid)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_max constant int := (select max_schedules from jobforge.settings);
  v_free constant int[] := array(
    select numbers.slot from generate_series(1, v_max - (
      select count(*)::int from public.jobforge_schedules
      where tenant_id = p_tenant_id and coalesce(slot > v_max, true))) as numbers (slot)
    where not exists (
      select from public.jobforge_schedules as taken
      where taken.tenant_id = p_tenant_id and taken.slot = numbers.slot)
    order by numbers.slot);
  v_slot int;
begin
  -- A slot is locked by try, so an open transaction stops no other creation of its tenant.
  foreach v_slot in array v_free loop
    if pg_try_advisory_xact_lock(1246708307, hashtext(p_tenant_id || '/' || v_slot)) then
      -- In a new snapshot: the slot may have been taken and released since.
      if not exists (
        select from public.jobforge_schedules where tenant_id = p_tenant_id and slot = v_slot)
      then
        return v_slot;
      end if;
    end if;
  end loop;
  perform jobforge.fail('too_many_schedules', format('a tenant has at most %s schedules', v_max));
end
$$;
comment on function jobforge.free_slot(uuid) is
  'Returns a slot that no other schedule of the tenant has or takes. Throws too_many_schedules '
  'when there is none.';
