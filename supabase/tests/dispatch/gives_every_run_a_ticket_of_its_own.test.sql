begin;
select plan(1);

select tests.setup(50);
select tests.fill('acme', 5000);
select jobforge_dispatch();
select is(
  (select count(distinct body ->> 'ticket') from tests.calls()), 50::bigint, 'fifty tickets');

select * from finish();
rollback;
