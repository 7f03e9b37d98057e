begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_retention(1, 1);
select tests.start_run();
select tests.fill(tenant, 3) from unnest('{acme,globex}'::text[]) as tenant;
select jobforge_claim_jobs(tests.run_id(), 10);
select tests.settle_all('succeeded');
select tests.advance('2 days');
select is(jobforge.delete_expired_jobs(jobforge.clock(), 2), 2,
  'a dispatch deletes as many as its budget');
select is(
  (select sum(jobforge.delete_expired_jobs(jobforge.clock(), 2)) from generate_series(1, 4)),
    4::bigint,
  'later ones the rest, of all tenants');
select isnt((select resting_until from jobforge.retention), null, 'and then it rests');

select * from finish();
rollback;
