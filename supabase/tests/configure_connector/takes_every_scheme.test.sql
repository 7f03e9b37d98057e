begin;
select plan(10);

select lives_ok(
  format('select tests.endpoint(p_config => %L)', jsonb_build_object('scheme', scheme,
    'url', 'https://hooks.example.com/')), scheme)
from unnest(jobforge.webhook_schemes()) as scheme;

select * from finish();
rollback;
