begin;
select plan(3);

select tests.start_run();
select tests.fill('acme', 20);
select tests.fill('globex', 20);
select is((select count(*) from tests.claim(7)), 7::bigint, 'seven of forty');
select is((select count(*) from tests.claim(1)), 1::bigint, 'one');
select is((select count(*) from tests.claim(1000)), 32::bigint, 'and all that are left');

select * from finish();
rollback;
