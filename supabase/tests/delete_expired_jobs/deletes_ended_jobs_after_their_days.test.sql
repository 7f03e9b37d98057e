begin;
select plan(2);

select tests.freeze();
select jobforge_configure_retention(2, 5);
select tests.bring(tenant || ' done', 'succeeded', tenant)
from unnest('{acme,globex}'::text[]) as tenant;
select tests.bring('dead', 'dead');
select tests.bring('queued', 'queued');
select tests.advance('3 days');
select tests.run_cron();
select set_eq(
  'select tests.name(id) from jobforge_jobs', '{dead,queued}'::text[],
  'succeeded ones of every tenant after two days');
select tests.advance('3 days');
select tests.run_cron();
select set_eq(
  'select tests.name(id) from jobforge_jobs', '{queued}'::text[], 'dead ones after five');

select * from finish();
rollback;
