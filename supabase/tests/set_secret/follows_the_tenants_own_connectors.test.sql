begin;
select plan(3);

select tests.endpoint('globex');
select lives_ok($$ select jobforge_set_secret(tests.tenant('acme'), 'hook', 'short') $$,
  'an endpoint of another tenant does not matter');
select tests.endpoint('acme', p_refs => '{vault:other}');
select lives_ok($$ select jobforge_set_secret(tests.tenant('acme'), 'hook', 'short') $$,
  'nor one with another secret');
select tests.refuses($$ select jobforge_set_secret(tests.tenant('acme'), 'other', 'short') $$,
  'invalid_argument', 'its own does');

select * from finish();
rollback;
