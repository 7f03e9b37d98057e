begin;
select plan(2);

select tests.unused_project();
select tests.freeze();
select tests.enqueue(tenant, '{}', tenant) from unnest('{acme,globex}'::text[]) as tenant;
select tests.schedule('all', '{"type": "fanned.out", "paused": true}', null);
select is(jobforge_run_schedule((tests.scheduled('all')).id) -> 'fan_out', 'true', 'asked for');
select tests.run_cron();
select is(
  (tests.scheduled('all')).started, 2::bigint, 'the next dispatch begins it, paused or not');

select * from finish();
rollback;
