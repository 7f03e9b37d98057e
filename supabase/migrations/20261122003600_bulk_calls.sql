-- JobForge, chapter 36: redrive and cancel by filter, as callers see it.

create function jobforge.change_jobs(p_action text, p_tenant_id uuid, p_filter jsonb,
  p_after uuid, p_limit int, p_dry_run boolean)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ended constant boolean := p_action = 'retry_jobs';
  v_filter constant jobforge.job_filter := case
    when v_ended then jobforge.job_filter(p_filter, '{dead,failed,canceled}', '{dead,failed}')
    else jobforge.job_filter(p_filter, '{queued,running}', '{queued,running}') end;
  v_picked jobforge.picked_jobs;
  v_held uuid[];
begin
  if p_limit is null or p_limit not between 1 and 10000 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 1 to 10000');
  end if;
  v_picked := jobforge.pick_jobs(p_tenant_id, v_filter, v_ended,
    coalesce(p_after, '00000000-0000-0000-0000-000000000000'), p_limit);
  v_held := coalesce(v_picked.ids, '{}');
  if p_dry_run is not false then
    return jsonb_build_object('dry_run', true, 'count', cardinality(v_held), 'skipped', 0,
      'sample', coalesce(v_picked.sample, '[]'), 'next', v_picked.next);
  end if;

  select coalesce(array_agg(h.id), '{}') into v_held
  from (
    select j.id from public.jobforge_jobs as j
    where j.tenant_id = p_tenant_id and j.id = any (v_picked.ids)
      and j.status = any (v_filter.status)
    order by j.id
    for no key update skip locked
  ) as h;
  if v_ended then
    perform jobforge.redrive(p_tenant_id, v_held);
  else
    perform jobforge.cancel(p_tenant_id, v_held);
  end if;
  perform jobforge.audit(p_action, p_tenant_id, null,
    jsonb_build_object('filter', p_filter, 'count', cardinality(v_held)));
  return jsonb_build_object('dry_run', false, 'count', cardinality(v_held),
    'skipped', coalesce(cardinality(v_picked.ids), 0) - cardinality(v_held),
    'sample', coalesce(v_picked.sample, '[]'), 'next', v_picked.next);
end
$$;
comment on function jobforge.change_jobs(text, uuid, jsonb, uuid, int, boolean) is
  'Redrives or cancels the jobs a filter finds, or only tells which. The tenant must have been checked.';

create function jobforge.retry_jobs(
  p_tenant_id uuid, p_filter jsonb, p_after uuid, p_limit int, p_dry_run boolean)
returns jsonb
language sql volatile
security definer -- writes jobs; bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
  select jobforge.change_jobs('retry_jobs', jobforge.callers_tenant(p_tenant_id),
    p_filter, p_after, p_limit, p_dry_run)
$$;
comment on function jobforge.retry_jobs(uuid, jsonb, uuid, int, boolean) is
  'Redrives dead and failed jobs (canceled ones when asked for) by filter.';

create function jobforge.cancel_jobs(
  p_tenant_id uuid, p_filter jsonb, p_after uuid, p_limit int, p_dry_run boolean)
returns jsonb
language sql volatile
security definer -- writes jobs; bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
  select jobforge.change_jobs('cancel_jobs', jobforge.callers_tenant(p_tenant_id),
    p_filter, p_after, p_limit, p_dry_run)
$$;
comment on function jobforge.cancel_jobs(uuid, jsonb, uuid, int, boolean) is
  'Cancels queued and running jobs by filter.';
