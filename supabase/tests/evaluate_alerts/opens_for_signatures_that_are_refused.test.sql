begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select tests.endpoint();
select jobforge_count_refusals(jsonb_build_array(
  jsonb_build_object('config_id', id, 'refused', 19),
  jsonb_build_object('config_id', gen_random_uuid(), 'refused', 100))) as known
from jobforge_connector_configs;
select tests.evaluate_alerts();
select is_empty('select tests.open_alerts()', 'nineteen may be a mistake');
select is((select sum(refused) from jobforge.webhook_refusals), 19::numeric,
  'unknown endpoints are not counted');
select jobforge_count_refusals(jsonb_build_array(
  jsonb_build_object('config_id', id, 'refused', 1))) from jobforge_connector_configs;
select tests.evaluate_alerts();
select set_eq('select tests.open_alerts()', '{signatures_refused acme}'::text[], 'twenty are many');
select tests.evaluate_alerts(14);
select is_empty('select tests.open_alerts()', 'ten minutes later it is over');

select * from finish();
rollback;
