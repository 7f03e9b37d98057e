begin;
select plan(1);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_retention(1, 90);
select tests.bring('done', 'succeeded');
select tests.bring('canceled', 'canceled');
select tests.bring('dead', 'dead');
select tests.advance('2 days');
select jobforge.delete_expired_jobs(jobforge.clock(), 1000);
select set_eq(
  'select tests.name(id) from jobforge_jobs', '{canceled,dead}'::text[], 'they did not succeed');

select * from finish();
rollback;
