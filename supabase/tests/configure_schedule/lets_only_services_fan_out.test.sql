begin;
select plan(3);

select tests.as_member('acme');
select tests.refuses($$ select jobforge_configure_schedule(null, 'a',
  '{"type": "a", "expression": "* * * * *"}', true) $$, 'forbidden');
select tests.as_service();
select tests.refuses($$ select jobforge_configure_schedule(tests.tenant('acme'), 'a',
  '{"type": "a", "expression": "* * * * *"}', true) $$, 'invalid_argument', 'not for one tenant');
select tests.refuses($$ select jobforge_configure_schedule(null, 'a',
  '{"type": "a", "expression": "* * * * *"}') $$, 'invalid_argument',
  'not by forgetting the tenant');

select * from finish();
rollback;
