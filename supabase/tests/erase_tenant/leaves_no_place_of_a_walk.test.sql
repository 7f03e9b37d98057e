begin;
select plan(3);

select tests.unused_project();
select tests.enqueue('job', '{"idempotency_key": "alice@example.com"}');
select jobforge.expire_keys(jobforge.clock(), 1);
select alike((select position::text from jobforge.maintenance_tasks where name = 'expire_keys'),
  '%alice@example.com%', 'a walk over the keys stopped at one of the tenant');
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select jobforge.erase_traces(tests.tenant('globex'));
select isnt((select position from jobforge.maintenance_tasks where name = 'expire_keys'), null,
  'it goes on when another one is erased');
select jobforge.erase_traces(tests.tenant('acme'));
select is((select position from jobforge.maintenance_tasks where name = 'expire_keys'), null,
  'and keeps nothing of a tenant that is erased');

select * from finish();
rollback;
