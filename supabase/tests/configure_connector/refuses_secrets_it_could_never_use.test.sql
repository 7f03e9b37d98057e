begin;
select plan(6);

select jobforge_set_secret(tests.tenant('acme'), 'short', 'short'),
  jobforge_set_secret(tests.tenant('acme'), 'text', 'a text of more than 16 bytes'),
  jobforge_set_secret(tests.tenant('globex'), 'text', 'x');
select tests.refuses($$ select tests.endpoint(p_refs => '{vault:short}') $$, 'invalid_argument',
  'a short secret');
select throws_like($$ select tests.endpoint(p_refs => '{vault:text,vault:short}') $$,
  'p_secret_refs: the secret short must have at least 16 bytes', 'beside a good one, by its name');
select tests.refuses(
  $$ select tests.endpoint(p_config => '{"scheme": "svix"}', p_refs => '{vault:text}') $$,
  'invalid_argument', 'a text where a key is needed');
select lives_ok($$ select tests.endpoint(p_refs => '{vault:text}') $$,
  'the tenant''s own secrets count');
select lives_ok($$ select tests.endpoint(p_refs => '{vault:later}', p_name => 'later') $$,
  'a secret may come later');
select jobforge_revoke_secret(tests.tenant('acme'), 'short');
select lives_ok($$ select tests.endpoint(p_refs => '{vault:short}', p_name => 'revoked') $$,
  'a revoked value does not count');

select * from finish();
rollback;
