begin;
select plan(5);

select tests.freeze();
select tests.endpoint();
select jobforge_set_secret(tests.tenant('acme'), 'hook', 'secret version one');
select results_eq(
  $$ select * from jobforge_rotate_secret(
    tests.tenant('acme'), 'hook', 'secret version two', 600) $$,
  $$ values ('hook', 2, null::timestamptz),
    ('hook', 1, jobforge.clock() + interval '10 minutes') $$,
  'newest first');
select tests.advance('9 minutes 59 seconds');
select is(tests.open('webhook-verify') -> 'secrets',
  '[{"value": "secret version two"}, {"value": "secret version one"}]',
  'a second before its end');
select tests.advance('1 second');
select is(tests.open('webhook-verify') -> 'secrets', '[{"value": "secret version two"}]',
  'at its end, maintenance or not');
select tests.maintain();
select is((select count(*) from tests.vault_names()), 1::bigint, 'maintenance deletes its value');
select results_eq(
  $$ select version, expires_at
    from jobforge_rotate_secret(tests.tenant('acme'), 'hook', 'secret version three') offset 1 $$,
  $$ values (2, jobforge.clock() + interval '1 day') $$, 'a day unless told otherwise');

select * from finish();
rollback;
