begin;
select plan(2);

select tests.unused_project();
select tests.freeze();
select tests.enqueue(tenant, '{}', tenant) from unnest('{acme,globex}'::text[]) as tenant;
select tests.schedule('all', '{"type": "fanned.out"}', null);
select jobforge_run_schedule((tests.scheduled('all')).id);
select is(
  jobforge.fire(
    tests.scheduled('all'), jobforge.clock(), jobforge.clock(), 100, clock_timestamp()), 0,
  'no time, no job');
select tests.run_cron();
select is((tests.scheduled('all')).started, 2::bigint, 'a later dispatch goes on');

select * from finish();
rollback;
