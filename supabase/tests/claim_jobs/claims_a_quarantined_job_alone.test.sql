begin;
select plan(2);

select tests.freeze();
select tests.quarantine('poison');
select is((tests.job('poison')).lease_expiries, 2, 'its lease expired twice');
select tests.start_run();
select tests.fill('acme', 10);
select tests.fill('globex', 10);
select results_eq('select tests.claim(10)', array['poison'], 'it comes alone');

select * from finish();
rollback;
