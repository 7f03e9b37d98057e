begin;
select plan(1);

select tests.setup();
select tests.fill(tenant, 1) from unnest('{acme,globex,initech,hooli}'::text[]) as tenant;
select tests.commit();
select is(tests.call_count(), 1, 'four idle tenants need one run');

select * from finish();
rollback;
