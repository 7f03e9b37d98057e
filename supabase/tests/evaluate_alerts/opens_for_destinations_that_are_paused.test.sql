begin;
select plan(4);

select tests.freeze();
select tests.destination(name) from unnest('{broken,by_hand,good}'::text[]) as name;
select tests.fail_until_paused('broken');
select jobforge_configure_destination(tests.tenant('acme'), 'by_hand', '{"paused": true}');
select tests.evaluate_alerts();
select results_eq(
  $$ select rule, subject, tests.tenant_name(tenant_id), message from jobforge_alerts()
    where rule = 'destination_paused' $$,
  $$ select 'destination_paused', 'destination ' || id, 'acme', 'webhook destination broken is '
      || 'paused: 10 attempts failed in a row since 2030-01-01T00:00Z, the last with http_500'
    from jobforge_connector_configs where name = 'broken' $$,
  'for the breaker''s pause, not for one by hand');
select tests.advance('1 hour');
select tests.evaluate_alerts();
select is((select count(*)::int from jobforge_alerts() where rule = 'destination_paused'), 1,
  'once');
select jobforge_configure_destination(tests.tenant('acme'), 'broken', '{"paused": false}');
select tests.evaluate_alerts(3);
select is((select count(*)::int from jobforge_alerts() where rule = 'destination_paused'), 0,
  'until it is resumed');
select isnt((select closed_at from jobforge_alerts(false) where rule = 'destination_paused'), null,
  'and then it is closed');

select * from finish();
rollback;
