begin;
select plan(7);

select tests.unused_project();
select tests.connector('connector.webhook.deliver', '{"url": "https://pager.example.com/in"}',
  array[tests.env_ref('HOOK')]);
select is(jobforge_count_refusals(jsonb_build_array(
  jsonb_build_object('config_id', id, 'refused', 1))), 0, 'a connector that sends is none')
from jobforge_connector_configs;
select tests.endpoint('globex');
select is(jobforge_count_refusals(jsonb_build_array(
  jsonb_build_object('config_id', id, 'refused', 2),
  jsonb_build_object('config_id', id, 'refused', -5))), 1, 'an endpoint is')
from jobforge_connector_configs where connector = 'webhook-verify';
select is((select refused from jobforge.webhook_refusals), 2::bigint, 'nothing is taken back');
select tests.refuses(format('select jobforge_count_refusals(%s)', refusals), 'invalid_argument')
from unnest(array['null', $$'{}'$$, $$'[{"config_id": "a"}]'$$,
  $$(select jsonb_agg('{}'::jsonb) from generate_series(1, 101))$$]) as refusals;

select * from finish();
rollback;
