begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select tests.enqueue(tenant, '{}', tenant) from unnest('{acme,globex,initech}'::text[]) as tenant;
select jobforge_configure_queue(tests.tenant('globex'), 'default', '{"max_queued": 1}');
select tests.schedule('all', '{"type": "fanned.out", "expression": "60 seconds"}', null);
select tests.advance('60 seconds');
select tests.run_cron();
select set_eq(
  $$ select tests.tenant_name(tenant_id) from jobforge_jobs where type = 'fanned.out' $$,
  '{acme,initech}'::text[], 'the others get their job');
select is(
  (select error ->> 'code' from jobforge.schedule_jobs where tenant_id = tests.tenant('globex')),
  'queue_full', 'the error is kept with the tenant');
select is((tests.scheduled('all')).failed, 1::bigint, 'and counted');
select is((tests.scheduled('all')).last_error ->> 'code', 'queue_full', 'and shown');

select * from finish();
rollback;
