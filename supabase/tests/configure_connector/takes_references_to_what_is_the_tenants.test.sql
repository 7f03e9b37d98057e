begin;
select plan(5);

select lives_ok(format('select tests.endpoint(p_refs => %L)', refs), refs::text)
from (values ('{vault:a}'::text[]), (array['vault:' || repeat('a', 63)]),
  ('{vault:a-b_9,vault:b,vault:c}'),
  (array[tests.env_ref('HOOK')]), (array[tests.env_ref(repeat('A', 64)), 'vault:old'])) as r (refs);

select * from finish();
rollback;
