begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select tests.enqueue(tenant, '{}', tenant) from unnest('{acme,globex,initech}'::text[]) as tenant;
select tests.schedule('all', '{"type": "fanned.out", "expression": "60 seconds"}', null);
select tests.advance('60 seconds');
select jobforge.fire_schedules(jobforge.clock(), 2);
select is((tests.scheduled('all')).started, 2::bigint, 'as many as the budget');
select tests.advance('10 seconds');
select jobforge.fire_schedules(jobforge.clock(), 2);
select is((tests.scheduled('all')).started, 3::bigint, 'the rest later');
select is(
  (select count(distinct due_at) from jobforge.schedule_jobs), 1::bigint, 'all for the same time');

select * from finish();
rollback;
