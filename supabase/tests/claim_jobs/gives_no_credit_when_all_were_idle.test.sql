begin;
select plan(2);

select tests.start_run();
select tests.fill('acme', 500);
select tests.claim(500);
select is_empty('select tests.claim()', 'there is no work at all');
select tests.fill('globex', 100);
select tests.fill('acme', 100);
select results_eq(
  'select * from tests.claim_shares(100)',
  $$ values ('acme', 50::bigint), ('globex', 50::bigint) $$,
  'a tenant that worked before the pause is not behind one that did not');

select * from finish();
rollback;
