begin;
select plan(3);

select tests.freeze();
select tests.bring('old', 'succeeded');
select tests.bring('old dead', 'dead');
select tests.bring('of globex', 'succeeded', 'globex');
select tests.advance('10 days');
select tests.bring('new', 'succeeded');
select tests.enqueue('old queued');
select tests.advance('10 days');
select tests.bring('queued', 'queued');
update jobforge.jobs set finished_at = jobforge.clock() where id = tests.id('new');
select is(
  jobforge_cleanup(tests.tenant('acme'), 7, '{succeeded}'), '{"deleted": 1, "next": null}',
  'one is old enough and of the status');
select set_eq(
  'select n.name from jobforge_jobs join tests.named_jobs as n using (tenant_id, id)',
  '{old dead,old queued,of globex,new,queued}'::text[], 'the others stay');
select is(jobforge_cleanup(tests.tenant('acme'), 7, '{succeeded}') -> 'deleted', '0', 'once');

select * from finish();
rollback;
