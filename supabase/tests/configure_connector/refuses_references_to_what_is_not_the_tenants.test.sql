begin;
select plan(34);

create temp table invalid (refs) as values
  ('{env:SUPABASE_SERVICE_ROLE_KEY}'::text[]),
  ('{env:SUPABASE_SECRET_KEYS}'),
  ('{env:SUPABASE_DB_URL}'),
  ('{env:PATH}'),
  ('{env:}'),
  ('{env:JOBFORGE_SECRET_HOOK}'),
  (array[tests.env_ref('HOOK', 'globex')]::text[]),
  (array[tests.env_ref('HOOK') || 'a']::text[]),
  (array[tests.env_ref('')]::text[]),
  (array[tests.env_ref(repeat('A', 65))]::text[]),
  (array[lower(tests.env_ref('HOOK'))]::text[]),
  (array[replace(tests.env_ref('HOOK'), 'env:', '')]::text[]),
  (array[' ' || tests.env_ref('HOOK')]::text[]),
  (array[tests.env_ref('HOOK') || E'\n']::text[]),
  (array[tests.env_ref('HOOK') || ',SUPABASE_DB_URL']::text[]),
  (array[tests.env_ref('HOOK') || E'\nenv:SUPABASE_DB_URL']::text[]),
  (array['env:JOBFORGE_SECRET_' || upper(tests.tenant('acme')::text) || '_HOOK']::text[]),
  ('{vault:}'),
  ('{vault:Hook}'),
  ('{vault:1a}'),
  ('{vault:a.b}'),
  ('{vault:a/b}'),
  (array['vault:jobforge/' || tests.tenant('globex') || '/hook/1']::text[]),
  (array['vault:' || repeat('a', 64)]::text[]),
  ('{whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}'),
  ('{""}'),
  ('{null}'),
  ('{vault:a,null}'),
  ('{vault:a,vault:a}'),
  ('{vault:a,vault:b,vault:c,vault:d}'),
  ('{{vault:a,vault:b},{vault:c,vault:d}}'),
  ('{{vault:a},{vault:b}}'),
  (null::text[]);
select tests.refuses(
  format('select tests.endpoint(p_refs => %L)', refs), 'invalid_argument',
  coalesce(refs::text, 'null'))
from invalid;
select is_empty($$ select from jobforge_connector_configs where tenant_id = tests.tenant('acme') $$,
  'nothing is made');

select * from finish();
rollback;
