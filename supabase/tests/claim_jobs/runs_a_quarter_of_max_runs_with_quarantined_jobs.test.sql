begin;
select plan(5);

select tests.unused_project();
select tests.freeze();
select tests.enqueue(tenant, '{}', tenant) from unnest('{acme,globex,initech}'::text[]) as tenant;
select tests.quarantine_ready();
select tests.setup(8);
select tests.start_run(n::text) from generate_series(1, 4) as n;
select is((select count(*) from tests.claim(1, '1')), 1::bigint, 'a first run');
select is((select count(*) from tests.claim(1, '2')), 1::bigint, 'and a second one');
select is((select count(*) from tests.claim(1, '3')), 0::bigint, 'but no third, of eight runs');
select tests.setup(12);
select is((select count(*) from tests.claim(1, '3')), 1::bigint, 'of twelve, three');
select jobforge_release_jobs(tests.run_id(n::text)) from generate_series(1, 3) as n;
select tests.setup(3);
select tests.claim(1, n::text) from generate_series(1, 4) as n;
select is((select count(*) from jobforge.leases), 1::bigint, 'and one at least');

select * from finish();
rollback;
