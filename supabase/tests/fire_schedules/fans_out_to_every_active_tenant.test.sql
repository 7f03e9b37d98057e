begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select tests.enqueue(tenant, '{}', tenant) from unnest('{acme,globex,initech}'::text[]) as tenant;
select jobforge_erase_tenant(tests.tenant('initech'));
select tests.start_run();
select tests.enqueue('running', '{}', 'hooli');
select tests.claim(10);
select jobforge_erase_tenant(tests.tenant('hooli'));
select tests.schedule('all', '{"type": "fanned.out", "expression": "60 seconds"}', null);
select tests.advance('60 seconds');
select tests.run_cron();
select results_eq(
  $$ select tests.tenant_name(tenant_id), count(*) from jobforge_jobs where type = 'fanned.out'
    group by 1 order by 1 $$,
  $$ values ('acme', 1::bigint), ('globex', 1) $$,
  'one job for each; none for erased, erasing and unknown ones');
select tests.run_cron();
select is((tests.scheduled('all')).started, 2::bigint, 'once');
select tests.advance('60 seconds');
select tests.run_cron();
select is((tests.scheduled('all')).skipped, 2::bigint, 'overlap is looked at per tenant');
select is((tests.scheduled('all')).fan_out_at, null, 'it is done');

select * from finish();
rollback;
