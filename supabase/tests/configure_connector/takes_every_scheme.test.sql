begin;
select plan(9);

select lives_ok(
  format('select tests.endpoint(p_config => %L)', jsonb_build_object('scheme', scheme)), scheme)
from unnest(array['standard-webhooks', 'stripe', 'github', 'slack', 'shopify', 'linear', 'paddle',
  'discord', 'jobforge']) as scheme;

select * from finish();
rollback;
