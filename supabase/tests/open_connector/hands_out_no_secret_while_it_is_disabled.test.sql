begin;
select plan(2);

select jobforge_set_secret(tests.tenant('acme'), 'hook', 'secret number one');
select tests.endpoint(p_enabled => false);
select is(tests.open('webhook-verify') -> 'secrets', '[]', 'none');
select is(tests.open('webhook-verify') ->> 'disabled_reason', 'disabled by an operator',
  'but the reason');

select * from finish();
rollback;
