begin;
select plan(1);

select tests.freeze();
select jobforge_set_secret(tests.tenant('acme'), 'hook', 'one');
select jobforge_rotate_secret(tests.tenant('acme'), 'hook', 'two', 60);
select results_eq(
  $$ select version, expires_at - jobforge.clock()
    from jobforge_rotate_secret(tests.tenant('acme'), 'hook', 'three', 3600) $$,
  $$ values (3, null), (2, interval '1 hour'), (1, interval '1 minute') $$,
  'the oldest ends when it was to end');

select * from finish();
rollback;
