begin;
select plan(3);

-- Settings that raise concern their own queue: not others of the tenant or of the name.
select tests.unused_project();
select tests.freeze();
select tests.start_run();
select jobforge_configure_queue(tests.tenant(tenant), queue, '{"rate_limit": 60, "rate_burst": 9}')
from unnest('{acme,globex}'::text[]) as tenant, unnest('{default,mail}'::text[]) as queue;
create or replace function jobforge.starts_by_rate(
  p_queue jobforge.queues, p_settings public.jobforge_queues, p_now timestamptz)
returns int
language plpgsql stable
as $$
begin
  if p_settings.tenant_id = tests.tenant('acme') and p_settings.queue = 'default' then
    raise numeric_value_out_of_range;
  end if;
  return 9;
end
$$;
select tests.enqueue(tenant || ' ' || queue, jsonb_build_object('queue', queue), tenant)
from unnest('{acme,globex}'::text[]) as tenant, unnest('{default,mail}'::text[]) as queue;
update jobforge.queues set runnable = true;
delete from jobforge.wakeups;
set local client_min_messages = error;
select is_empty('select tests.claim(10)', 'a claim that a queue fails');
select results_eq('select queue_id from jobforge.queue_faults', 'select (tests.queue()).id',
  'leaves out this one');
select set_eq('select tests.claim(10)', '{acme mail,globex default,globex mail}'::text[],
  'and the next serves all others');

select * from finish();
rollback;
