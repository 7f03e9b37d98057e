begin;
select plan(5);

select tests.bring('succeeded', 'succeeded');
select tests.hold_job('running');
select tests.enqueue('queued');
select tests.enqueue(
  'scheduled', jsonb_build_object('run_at', jobforge.clock() + interval '1 day'));
select tests.enqueue('of globex', '{}', 'globex');
select tests.as_member('acme');
select is(jobforge_cancel_jobs(p_dry_run => false) -> 'count', '3', 'three of them');
select is(
  array[tests.status('queued'), tests.status('scheduled'), tests.status('running'),
    tests.status('succeeded'), tests.status('of globex')],
  '{canceled,canceled,running,succeeded,queued}', 'each as cancel_job does it');
select isnt((tests.job('running')).cancel_requested_at, null, 'the running one is to stop');
select is(jobforge_cancel_jobs() -> 'count', '0', 'and counts no more');
select tests.as_owner();
select is(
  (select jobforge.queued(id) from jobforge.queues
    where tenant_id = tests.tenant('acme') and queue = 'default'),
  0::bigint, 'none is queued any more');

select * from finish();
rollback;
