begin;
select plan(21);

select lives_ok(
  format('select tests.endpoint(p_config => %L)', jsonb_build_object('scheme', scheme,
    'url', 'https://hooks.example.com/') || case when scheme = 'custom'
      then '{"signature": {"header": "x-signature"}}' else '{}' end::jsonb), scheme)
from unnest(jobforge.webhook_schemes()) as scheme;

select * from finish();
rollback;
